"""Names, versions, lines, addresses and platforms of packages, and their pins."""
