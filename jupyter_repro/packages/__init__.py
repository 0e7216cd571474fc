"""A package's name, version, line, address and platform, and what of it can be pinned."""
