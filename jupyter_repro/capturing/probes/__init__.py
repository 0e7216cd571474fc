"""One layer of the stack a module: each has `collect(world)` and returns its layer."""
