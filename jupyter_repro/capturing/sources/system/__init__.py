"""Read the machine: processor, memory, variables, thread pools."""
