"""Generated pairs: street scenes by day and by night, seen by a visible and an infrared camera."""

from __future__ import annotations

from smfnet.data.scenes.pairs import ScenePair, scene_pairs

__all__ = ["ScenePair", "scene_pairs"]
