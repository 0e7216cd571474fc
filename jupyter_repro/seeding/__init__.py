"""The same random numbers again: seed, and watch what cannot be seeded."""
