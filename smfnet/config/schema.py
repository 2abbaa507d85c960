"""SMFNet's configurations: its types, its presets, and what is taken where none is named."""

from __future__ import annotations

from assay.config.compose import Schema
from smfnet.config.root import Config
from smfnet.folders import PRESETS

__all__ = ["SCHEMA", "compose"]

SCHEMA = Schema(Config, PRESETS, {"preset": "quick", "profile": "paper", "data": "generated"})
compose = SCHEMA.compose
