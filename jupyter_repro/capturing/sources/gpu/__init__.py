"""Read the GPU and its driver."""
