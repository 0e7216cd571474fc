"""A library with a hidden generator: throw a die."""

import os

state = int.from_bytes(os.urandom(8), "little")


def seed(number: int) -> None:
    global state  # noqa: PLW0603 - that is what makes it hidden
    state = number


def throw() -> int:
    global state  # noqa: PLW0603
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % 6 + 1
