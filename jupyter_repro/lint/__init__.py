"""Find stale, impossible and private outputs of notebooks without running them.

Each module is one family of rules, with a function ``find(page)`` that yields what it finds. A rule
reports only what source, outputs and metadata prove.

So a version in an output counts only where the source shows which line it is: as many lines as
calls of `print`, none of them in a loop. A draw in a function is not above the seed, because the
time of its call is unknown. A seed counts for the generator that it seeds; whatever else is called
``…seed…`` counts for all. Execution counts in order prove nothing, so lint never says that a
notebook is fine, only that it found nothing. Code is parsed only where a search for words shows
that it may matter.
"""
