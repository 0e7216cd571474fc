"""Generators that are made without a seed: derive one, and record where they are made."""
