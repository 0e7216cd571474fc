"""Read the stack, one layer a probe."""
