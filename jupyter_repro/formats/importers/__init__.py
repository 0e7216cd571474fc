"""Partial snapshots from files of other tools, one module per format; `registry` lists them."""
