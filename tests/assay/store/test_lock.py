"""One writer at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.lock import sole_writer


def test_only_one_may_write(tmp_path: Path) -> None:
    with sole_writer(tmp_path), pytest.raises(UserError, match="another command is writing"), sole_writer(tmp_path):
        pass
    with sole_writer(tmp_path):
        pass
