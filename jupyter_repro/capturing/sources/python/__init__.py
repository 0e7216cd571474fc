"""Read the Python side: distributions, what is imported, the hash seed."""
