"""Whether the recorded environment can still be installed."""
