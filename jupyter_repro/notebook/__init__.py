"""The notebook file: read it, record into it, move messages out of its outputs, stamp cells."""
