"""py-rattler in a child process, and the records that it returns."""
