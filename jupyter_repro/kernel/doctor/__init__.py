"""Run code twice and explain why its results differ: ``%repro doctor``."""
