"""Get the same random numbers again: seed generators, and watch what cannot be seeded."""
