"""Install a recorded environment into a new folder."""
