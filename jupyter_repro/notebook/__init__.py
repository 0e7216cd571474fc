"""The notebook file: read it, record into it, lift messages out of its outputs, stamp its cells."""
