"""Generators that are made without a seed: derive one for them, and tell where they are made."""
