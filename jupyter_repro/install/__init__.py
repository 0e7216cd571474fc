"""Can what a notebook has recorded still be installed, and installing it."""
