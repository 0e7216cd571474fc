"""Named results of a notebook: record them, compare them within a tolerance."""
