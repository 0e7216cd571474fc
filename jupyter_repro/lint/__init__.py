"""What can be told of a notebook's outputs without running anything: stale, impossible, private.

One family of rules a module, each a function ``find(page)`` that yields what it sees. A rule says
nothing unless source, outputs and metadata make it certain.
"""
