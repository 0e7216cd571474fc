"""What can be told of a notebook's outputs without running anything: stale, impossible, private.

One family of rules a module, each a function ``find(page)`` that yields what it sees. A rule says
nothing unless source, outputs and metadata make it certain.

So a version in an output counts only where the source shows which line it is: as many lines as
calls of `print`, none of them in a loop. A draw in a function is not above the seed, because the
time of its call is unknown. Anything called ``…seed…`` counts as seeding. Execution counts in order
prove nothing, so lint never says that a notebook is fine, only that it found nothing. Code is
parsed only where a search for words shows that it may matter.
"""
