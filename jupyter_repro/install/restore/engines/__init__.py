"""The tools that install conda packages and Python packages, one tool per file."""
