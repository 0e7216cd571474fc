"""One module for each layer of the stack: its `collect(world)` returns the layer."""
