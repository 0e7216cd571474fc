"""Find out whether the hashes of strings were fixed when this process started.

``PYTHONHASHSEED`` counts only at the start, but recipes set it inside a running program, where it
does nothing. The interpreter's flag is the same for a fixed and for a random seed. So the hash
that a seed would give is computed and compared with Python's hash.
"""

from __future__ import annotations

import re
import sys

_PROBE = b"jupyter_repro"
_WORD = 2**64 - 1
_ROUNDS = {"siphash13": (1, 3), "siphash24": (2, 4)}


def hash_seed_in_force(value: str | None) -> bool | None:
    """Return whether this process was started with a given ``PYTHONHASHSEED``.

    Parameters
    ----------
    value
        Value of the variable, or None if it is not set.

    Returns
    -------
    bool or None
        None if this Python uses an unknown hash algorithm.
    """
    if value is None or not re.fullmatch("[0-9]{1,10}", value) or int(value) >= 2**32:
        return False  # unset, or "random"
    if int(value) == 0 or not sys.flags.hash_randomization:
        return int(value) == sys.flags.hash_randomization == 0
    rounds = _ROUNDS.get(sys.hash_info.algorithm)
    if rounds is None or sys.hash_info.width != 64 or sys.hash_info.cutoff:
        return None
    return hash(_PROBE) == siphash(_PROBE, _key(int(value)), *rounds)


def _key(seed: int) -> tuple[int, int]:
    """Return the hash key that CPython computes from a seed.

    See `lcg_urandom` in https://github.com/python/cpython/blob/main/Python/bootstrap_hash.c
    """
    key, state = bytearray(), seed
    for _ in range(16):
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        key.append(state >> 16 & 0xFF)
    return int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")


def siphash(data: bytes, key: tuple[int, int], per_word: int, at_end: int) -> int:
    """Return SipHash of `data` as a signed number, as Python's `hash` does.

    For the algorithm, see https://www.aumasson.jp/siphash/siphash.pdf

    Parameters
    ----------
    data
        At most 255 bytes.
    key
        Two 64-bit words.
    per_word, at_end
        Numbers of rounds: 1 and 3 in Python 3.11 and newer, 2 and 4 before.
    """
    state = [
        key[0] ^ 0x736F6D6570736575,
        key[1] ^ 0x646F72616E646F6D,
        key[0] ^ 0x6C7967656E657261,
        key[1] ^ 0x7465646279746573,
    ]
    padded = data.ljust(len(data) // 8 * 8 + 7, b"\0") + bytes([len(data)])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        state[3] ^= word
        _mix(state, per_word)
        state[0] ^= word
    state[2] ^= 0xFF
    _mix(state, at_end)
    value = state[0] ^ state[1] ^ state[2] ^ state[3]
    signed = value - 2**64 if value >> 63 else value
    return -2 if signed == -1 else signed  # Python uses -1 for an error


def _mix(state: list[int], rounds: int) -> None:
    a, b, c, d = state
    for _ in range(rounds):
        a, c = (a + b) & _WORD, (c + d) & _WORD
        b, d = _rotate(b, 13) ^ a, _rotate(d, 16) ^ c
        a, c = (_rotate(a, 32) + d) & _WORD, (c + b) & _WORD
        b, d = _rotate(b, 17) ^ c, _rotate(d, 21) ^ a
        c = _rotate(c, 32)
    state[:] = a, b, c, d


def _rotate(word: int, bits: int) -> int:
    return (word << bits | word >> 64 - bits) & _WORD
