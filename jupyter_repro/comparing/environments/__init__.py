"""Compare two snapshots: the differences (`layers`), their weights (`policy`), the verdict."""
