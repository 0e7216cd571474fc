"""Handle files and texts of strangers safely, and keep secrets on this machine."""
