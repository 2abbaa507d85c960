"""A folder with runs of every state, a search and a store, and a client that knows the token."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Store
from assay.view.app import application
from tests.assay.evidence.conftest import write_search_folder
from tests.synthetic_runs import STAGES as NAMES
from tests.synthetic_runs import Plan, write_run

__all__ = ["PORT", "TOKEN", "Client"]

TOKEN, PORT = "a-token-of-the-tests", 8123
LONG_AGO = 1.7e9
Client = Callable[..., TestClient]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `folder` is a copy of; tests only read it."""
    root = tmp_path_factory.mktemp("viewed") / "runs"
    whole = write_run(root / "whole", Plan(seeds=6, pictures=True, rows=("no_graph", "swap_fusion", "ours")))
    write_run(root / "sub" / "halfway", Plan(seeds=2, failed=("swap_fusion",), pending=("no_graph",), baselines=False))
    RunFolder(root / "sub" / "halfway").write_error("swap_fusion-seed0", "Traceback <b>bold</b>\nnan in epoch 3")
    write_search_folder(root / "search")
    (root / "broken").mkdir()
    (root / "broken" / "run.json").write_text('{"kind": "abl')
    store = Store(str(root / "store"))
    for name in NAMES:
        store.write(STAGES, name, {"state.safetensors": b"x" * 2048}, {"kind": "stage1", "seed": 0, "epochs": 3})
    store.write(TRIALS, 32 * "c", {"proof.json": b"{}"}, {"row": "ours", "seed": 0, "stages": list(NAMES)})
    store.write("looks", 32 * "d", {"look.json": b"{}"}, {})
    record = whole.record
    trials = tuple(replace(each, fingerprint=32 * "c") if each.row == "ours" else each for each in record.trials)
    whole.write_record(replace(record, trials=trials))
    for path in root.rglob("*.json"):  # a record of this minute is one that goes on
        os.utime(path, (LONG_AGO, LONG_AGO))
    return root


@pytest.fixture
def folder(made_once: Path, tmp_path: Path) -> Path:
    """A folder of its own for a test, beside a file that must never be shown."""
    (tmp_path / "secret.txt").write_text("the secret")
    shutil.copytree(made_once, tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def client(folder: Path) -> Client:
    """A function that gives a browser: `root` is the folder, `known` whether it knows the token, `write` the option."""

    def made(root: Path = folder, *, known: bool = True, write: bool = False) -> TestClient:
        found = TestClient(application(root, TOKEN, PORT, write=write), base_url=f"http://127.0.0.1:{PORT}")
        if known:
            assert found.get("/", params={"token": TOKEN}).status_code == 200
        return found

    return made


def search_of(folder: Path, trials: int) -> Path:
    """A search with so many trials."""
    import pandas as pd

    write_search_folder(folder)
    lines = pd.DataFrame({"trial": range(trials)})
    lines = lines.assign(role="", state="finished", score=1 + lines["trial"] % 97 / 97, seconds=2.0, reason="")
    lines = lines.assign(alpha3=2.0 + lines["trial"] % 31, beta1=1.0 + lines["trial"] % 23, last_step=3)
    lines.to_csv(folder / "trials.csv", index=False)
    record = json.loads((folder / "search.json").read_text())
    asked = {"trials": trials, "best": 1, "confirm": 0, "named": [], "used_up": False}
    (folder / "search.json").write_text(json.dumps(record | {"asked": asked}))
    return folder
