"""One module for each library: it names the module that owns the generator, and seeds it."""
