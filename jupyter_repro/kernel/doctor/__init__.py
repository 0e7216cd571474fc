"""Does this code give the same results twice, and if not, why: ``%repro doctor``."""
