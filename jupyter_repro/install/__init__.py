"""Whether a recorded environment can still be installed, and its installation."""
