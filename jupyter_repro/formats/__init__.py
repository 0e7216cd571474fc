"""Files of other tools: write them (exporters) and read them (importers)."""
