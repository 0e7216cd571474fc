"""Compare the outputs of a notebook's cells in two runs: one module for each kind of output."""
