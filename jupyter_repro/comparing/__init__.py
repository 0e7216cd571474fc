"""Compare two of a kind: environments, results, outputs; and find the likeliest cause."""
