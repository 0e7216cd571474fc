"""Compare what the cells of a notebook show in two runs: one kind of output a file."""
