"""Fixtures that all rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the specification's golden values and the real image pairs, which a user does not have."""
    folder = Path(os.environ.get("SMFNET_SHARED", ROOT.parent / "shared"))
    if folder.is_dir():
        return folder
    message = f"{folder} is not there; set SMFNET_SHARED"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
