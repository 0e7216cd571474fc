"""Generators made without a seed: derive a seed, and record where they are made."""
