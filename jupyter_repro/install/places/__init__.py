"""Which channels and indexes may be asked, and how they are asked."""
