"""The tools that make an environment: conda packages, and Python packages; one a file."""
