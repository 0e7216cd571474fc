"""Why two runs of a notebook differ: the first cell that differs, and the likeliest causes."""
