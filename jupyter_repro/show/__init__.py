"""Show snapshots, differences and findings: as text, as HTML and as a page."""
