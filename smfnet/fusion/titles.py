"""What tables call the training-free rules of `smfnet.fusion.rules`; apart from them, so that no table loads torch."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TITLES"]

TITLES: Mapping[str, str] = {
    "visible_only": "visible image",
    "infrared_only": "infrared image",
    "mean": "mean of both",
    "max": "maximum of both",
    "stretched_blend": "0.3 mean + 0.7 max, stretched",
}
