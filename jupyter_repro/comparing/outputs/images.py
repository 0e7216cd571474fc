"""Compare pictures as a person sees them: by structural similarity, place by place.

The mean over a picture does not show that one point of a plot has moved, so the least similar place
counts. scikit-image is imported only if the bytes of two pictures differ.

scikit-image's structural similarity is maintained, well known, and gives a map. Its mean barely
changes if one point of a hundred has moved (0.9988) or a label reads 0.92 instead of 0.91
(0.9996). The lowest place of the map then falls below 0, while noise of 1e-4 stays above 0.98.
Hashes of pictures (imagehash) detect neither.
"""

from __future__ import annotations

import base64
import binascii
import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from jupyter_repro.comparing.outputs.generated_names import rename
from jupyter_repro.comparing.outputs.text import Terms, compare_text
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
}

SIMILAR = 0.5
"""Structural similarity (1 is the same) that no place of 7 x 7 pixels may fall below. Measured on
plots: lines and points that differ by 1e-4 of their size stay above 0.98, a digit of a label or one
point of a hundred that moves visibly goes below 0.1."""

MAX_PIXELS = 8_000_000
MAX_ENCODED = 60_000_000
WINDOW = 7

NEEDS_EXTRA = "to compare pictures: pip install 'jupyter_repro[images]'"


class _UnreadableError(Exception):
    pass


def compare_images(mime: str, stored: str, new: str, terms: Terms) -> Outcome:
    """Compare two pictures as a notebook stores them, in base64 or as SVG text."""
    if "".join(stored.split()) == "".join(new.split()):
        return IDENTICAL
    if mime == "image/svg+xml":
        return compare_text(rename(stored), rename(new), terms)
    if mime not in FORMATS:
        return Outcome("not comparable", f"a picture of an unknown kind, {mime}")
    if terms.tolerance.is_exact:
        return Outcome("different", "the picture has other bytes")
    if find_spec("skimage") is None or find_spec("PIL") is None:
        return Outcome("not comparable", f"the pictures are not the same bytes; {NEEDS_EXTRA}")
    try:
        pictures = [_decode(text, FORMATS[mime]) for text in (stored, new)]
    except _UnreadableError as error:
        return Outcome("not comparable", str(error))
    return _compare_pictures(*pictures)


def _compare_pictures(stored: Image, new: Image) -> Outcome:
    if stored.size != new.size:
        one, other = ("{} x {} pixels".format(*picture.size) for picture in (stored, new))
        return Outcome("different", f"a picture of {other}, stored {one}")
    import numpy as np

    old, now = (np.asarray(picture) for picture in (stored, new))
    if np.array_equal(old, now):
        return Outcome("identical", "the same pixels")
    if min(stored.size) < WINDOW:
        return Outcome("different", "a small picture with other pixels")
    from skimage.metrics import structural_similarity

    floats = [array.astype(np.float32) / 255 for array in (old, now)]
    _, places = structural_similarity(
        *floats, channel_axis=2, data_range=1.0, win_size=WINDOW, full=True
    )
    lowest = places.min(axis=2)
    if lowest.min() >= SIMILAR:
        return Outcome(
            "within tolerance", f"the picture is at least {lowest.min():.0%} similar everywhere"
        )
    row, column = np.unravel_index(int(lowest.argmin()), lowest.shape)
    share = float((old != now).any(axis=2).mean())
    return Outcome(
        "different",
        f"the picture differs in {_percent(share)} of its pixels, most around "
        f"x={int(column)}, y={int(row)}",
    )


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def difference_picture(mime: str, stored: str, new: str) -> bytes | None:
    """Return a PNG with the stored picture, the new one, and what differs in red.

    None if it cannot be drawn.
    """
    if mime not in FORMATS or find_spec("PIL") is None or find_spec("numpy") is None:
        return None
    import numpy as np
    from PIL import Image

    try:
        pictures = [_decode(text, FORMATS[mime]) for text in (stored, new)]
    except _UnreadableError:
        return None
    width, height = (max(sizes) for sizes in zip(*(each.size for each in pictures), strict=True))
    old, now = (_on_canvas(picture, width, height) for picture in pictures)
    apart = np.abs(old.astype(int) - now).max(axis=2, keepdims=True)
    pale = (255 - (255 - now.mean(axis=2, keepdims=True)) / 4).astype(np.uint8)
    marked = np.where(apart > 0, np.array([[[220, 0, 0]]], dtype=np.uint8), pale.repeat(3, axis=2))
    gap = np.full((height, 8, 3), 128, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.hstack([old, gap, now, gap, marked])).save(file, "PNG")
    return file.getvalue()


def _on_canvas(picture: Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    canvas = Image.new("RGB", (width, height), "white")
    canvas.paste(picture)
    return np.asarray(canvas)


def _decode(text: str, kind: str) -> Image:
    """Return a stored picture on a white background.

    Raises
    ------
    _UnreadableError
        If it is not a picture, or is too large to be decoded.
    """
    import PIL.Image

    if len(text) > MAX_ENCODED:
        reason = f"a picture of {len(text)} bytes"
        raise _UnreadableError(reason)
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        picture = PIL.Image.open(io.BytesIO(data), formats=[kind])
        if picture.width * picture.height > MAX_PIXELS:
            reason = f"a picture of {picture.width} x {picture.height} pixels"
            raise _UnreadableError(reason)
        shown = picture.convert("RGBA")
    except (binascii.Error, ValueError, OSError, SyntaxError, PIL.Image.DecompressionBombError):
        reason = "a picture that cannot be read"
        raise _UnreadableError(reason) from None
    white = PIL.Image.new("RGBA", shown.size, "white")
    return PIL.Image.alpha_composite(white, shown).convert("RGB")
