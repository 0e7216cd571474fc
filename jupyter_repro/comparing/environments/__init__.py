"""Compare two snapshots: what differs (`layers`), what it weighs (`policy`), what it means."""
