"""Write a snapshot in the formats of other tools, one module per format."""
