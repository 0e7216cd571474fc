"""What the probes read from: one source of facts a file. Nothing here decides what is recorded."""
