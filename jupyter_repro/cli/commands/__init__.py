"""The commands of `jupyter repro`, one a file."""
