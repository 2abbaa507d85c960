"""Kinds of inputs: each a function from a scene to what is tried in it."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.attempt import Attempt
from tests.fuzz.kinds.images import images
from tests.fuzz.kinds.journals import journals
from tests.fuzz.kinds.lists import lists
from tests.fuzz.kinds.records import records
from tests.fuzz.kinds.runs import runs
from tests.fuzz.kinds.settings import settings
from tests.fuzz.kinds.yamls import yamls
from tests.fuzz.scene import Scene

__all__ = ["KINDS"]

# Kind -> how its inputs are made, and its share of a campaign.
KINDS: dict[str, tuple[Callable[[Scene], Attempt], int]] = {
    "images": (images, 8),
    "lists": (lists, 4),
    "yamls": (yamls, 5),
    "settings": (settings, 4),
    "runs": (runs, 4),
    "records": (records, 4),
    "journals": (journals, 3),
}
