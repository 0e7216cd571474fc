"""Why two runs of a notebook differ: where they part, and what is likeliest to have done it."""
