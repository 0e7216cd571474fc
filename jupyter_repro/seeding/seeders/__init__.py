"""One library a module: each names the module that owns the generator and seeds it."""
