"""A picture for pages."""

from __future__ import annotations

import io

from PIL import Image

__all__ = ["png"]


def png(width: int, height: int) -> bytes:
    """A grey one, as a PNG file."""
    packed = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(packed, "PNG")
    return packed.getvalue()
