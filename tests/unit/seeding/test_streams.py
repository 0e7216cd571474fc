"""Derived seeds: repeatable, unrelated, and each thread's own."""

from __future__ import annotations

import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.seeding.streams import Streams, derive

KEYS = st.lists(st.one_of(st.integers(), st.text()), max_size=4).map(tuple)


@given(st.integers(min_value=1, max_value=4096), KEYS)
def test_a_derived_number_has_at_most_so_many_bits_and_repeats(
    bits: int, key: tuple[int | str, ...]
) -> None:
    assert 0 <= derive(bits, *key) == derive(bits, *key) < 2**bits


@given(KEYS, KEYS)
def test_other_keys_give_other_numbers(
    one: tuple[int | str, ...], other: tuple[int | str, ...]
) -> None:
    assert (derive(128, *one) == derive(128, *other)) == (one == other)


def test_long_numbers_use_all_their_bits() -> None:
    assert derive(4096, 1).bit_length() > 4000
    assert derive(1024, 1) >> 512 != derive(1024, 1) & (2**512 - 1)


def test_a_restart_gives_the_same_numbers_again() -> None:
    streams = Streams()
    streams.restart(42)
    first = [streams.next(64) for _ in range(3)]
    streams.restart(43)
    other = [streams.next(64) for _ in range(3)]
    streams.restart(42)
    assert [streams.next(64) for _ in range(3)] == first
    assert len({*first, *other}) == 6


def test_a_position_is_gone_back_to() -> None:
    streams = Streams()
    streams.restart(42, "cell", "a")
    streams.next(64)
    position = streams.position()
    expected = streams.next(64)
    streams.restart(7)
    streams.move_to(position)
    assert streams.next(64) == expected
    with pytest.raises(msgspec.DecodeError):
        streams.move_to(b"[")


def numbers_of_threads(streams: Streams, *, hold: bool) -> list[int]:
    """Start three threads that draw one after the other, or the last first."""
    found: dict[int, int] = {}
    gates = [threading.Event() for _ in range(3)]

    def draw(index: int) -> None:
        gates[index].wait(60)
        found[index] = streams.next(64)
        if hold and index:
            gates[index - 1].set()

    threads = [threading.Thread(target=draw, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    if hold:
        gates[2].set()
    else:
        for gate, thread in zip(gates, threads, strict=True):
            gate.set()
            thread.join()
    for thread in threads:
        thread.join()
    return [found[index] for index in range(3)]


def test_threads_have_streams_by_the_order_in_which_they_are_started() -> None:
    streams = Streams()
    streams.restart(42)
    first = numbers_of_threads(streams, hold=False)
    main = streams.next(64)
    streams.restart(42)
    assert streams.next(64) == main  # the main thread's own
    assert numbers_of_threads(streams, hold=True) == first
    assert len({main, *first}) == 4
