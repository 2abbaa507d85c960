"""Empty stores."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from assay.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


@pytest.fixture(params=["disk", "memory"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store in a folder, and one in a file system that only fsspec knows."""
    return Store(str(tmp_path / "store") if request.param == "disk" else f"memory://{uuid4().hex}/store")
