"""Sources of the probes, one source of facts per file. The probes decide what is recorded."""
