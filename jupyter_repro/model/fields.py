"""The kinds of fields that the model is made of: what a stored text, name or digest may be.

A seed is stored as text. Front ends parse and rewrite the metadata, and JavaScript rounds integers
above 2**53.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

MAX_PACKAGES = 50_000
"""More packages than this in one layer is not an environment but an attack."""

MAX_ITEMS = 1_000
"""Limit of every other list and table."""

# No control characters, no bidirectional overrides: nothing that could steer a terminal or
# reorder what a person reads (https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
# `$` alone would let a line break at the end pass: Python's means "before the last one", too.
END = r"(?!\n)$"
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]*" + END

Text: TypeAlias = Annotated[str, Meta(max_length=500, pattern=PRINTABLE)]
Line: TypeAlias = Annotated[str, Meta(max_length=1_000, pattern=PRINTABLE)]
Name: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._+-]*" + END)
]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}" + END)]
Md5: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END)]
ShortDigest: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}" + END)]
Time: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" + END)]
"""UTC, ISO 8601."""

Scalar: TypeAlias = bool | int | float | Text | None
Facts: TypeAlias = Annotated[dict[Name, Scalar], Meta(max_length=MAX_ITEMS)]
Variables: TypeAlias = Annotated[dict[Name, Text], Meta(max_length=MAX_ITEMS)]
Names: TypeAlias = Annotated[list[Name], Meta(max_length=MAX_PACKAGES)]
Lines: TypeAlias = Annotated[list[Line], Meta(max_length=MAX_PACKAGES)]
