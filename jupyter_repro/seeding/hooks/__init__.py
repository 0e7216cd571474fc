"""Hooks into imports and into the switches of libraries, each of which can be undone."""
