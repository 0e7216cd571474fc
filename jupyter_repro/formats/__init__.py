"""Write files of other tools (exporters) and read them (importers)."""
