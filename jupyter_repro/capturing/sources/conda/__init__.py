"""Read a conda prefix: records, channels, history, order of installation."""
