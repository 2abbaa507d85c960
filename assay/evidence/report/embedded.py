"""Pictures inside a page: as WebP, which takes half of what PNG does and which every browser since 2020 shows."""

from __future__ import annotations

import base64
import io

from PIL import Image

__all__ = ["embedded", "embedded_photograph"]

_QUALITY = 80  # the files beside the page are exact


def embedded(png: bytes) -> str:
    """An address that holds a chart, without loss."""
    return _address(png, 0, lossless=True)


def embedded_photograph(png: bytes, longest: int) -> str:
    """An address that holds a photograph, with its longer side of so many pixels at most."""
    return _address(png, longest, lossless=False)


def _address(png: bytes, longest: int, *, lossless: bool) -> str:
    packed = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        shown = picture.convert("RGB")
        if longest:
            shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        shown.save(packed, "WEBP", lossless=lossless, quality=_QUALITY)
    return "data:image/webp;base64," + base64.b64encode(packed.getvalue()).decode("ascii")
