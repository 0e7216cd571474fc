"""Side-by-side measurements: `make bench`. Ratios are taken within one run."""
