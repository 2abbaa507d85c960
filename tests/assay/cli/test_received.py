"""A store or run folder that somebody else has made reads, writes, moves and removes nothing outside of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import assay.cli.report
import assay.cli.store
import smfnet.cli.ablate
import smfnet.cli.fuse
from assay.store.record import sealed
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Entry, Store

TREASURE = b"years of work"
READING = (["list"], ["verify"], ["show", "0"], ["gc", "--older-than", "0", "--dry-run"])


@pytest.fixture
def store(stored: Path, tmp_path: Path) -> Store:
    return Store(str(shutil.copytree(stored, tmp_path / "received" / "store")))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """What is not to be touched: an entry of another store among it."""
    folder = tmp_path / "home"
    (folder / "stages" / (32 * "9")).mkdir(parents=True)
    for name in ("thesis", "a.png", "stages/thesis", f"stages/{32 * '9'}/state.safetensors"):
        (folder / name).write_bytes(TREASURE)
    before = _everything(folder)
    yield folder
    assert _everything(folder) == before


def _everything(folder: Path) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() and not path.is_symlink() else "other"
        for path in sorted(folder.rglob("*"))
    }


def _entry(store: Store, kind: str = STAGES) -> Entry:
    return next(store.entries(kind))


def _forged(store: Store, entry: Entry, **changes: Any) -> None:
    """Write another record for an entry, with the right checksum of itself."""
    content = {key: value for key, value in asdict(entry.record).items() if key != "checksum"}
    store.files.write(f"{entry.kind}/{entry.fingerprint}/record.json", sealed(content | changes))


def _run(store: Store, *words: str) -> int:
    return assay.cli.store.main([*words, f"storage={store.files.root}"])


@pytest.mark.parametrize(
    "name", ["../../../../home/thesis", "{outside}/thesis", "../thesis", "images/../../x", "record.json", ""]
)
def test_a_record_that_names_files_elsewhere_is_damaged_and_moves_none(
    store: Store, outside: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    entry = _entry(store)
    digest = hashlib.sha256(TREASURE).hexdigest()
    _forged(store, entry, files={name.format(outside=outside): digest})
    before = _everything(Path(store.files.root))
    for words in READING:
        _run(store, *words)
        assert _everything(Path(store.files.root)) == before
    capsys.readouterr()
    assert _run(store, "verify") == 1
    assert f"stage {entry.fingerprint[:12]}: damaged, its record is damaged" in capsys.readouterr().out
    assert _run(store, "verify", "--set-aside") == 1
    assert TREASURE not in _everything(Path(store.files.root)).values()
    assert store.files.exists(f"damaged/stages/{entry.fingerprint}/record.json")


@pytest.mark.parametrize(
    "place", ["stages", "stages/ENTRY", "stages/ENTRY/state.safetensors", "damaged", "checkpoints"]
)
def test_links_out_of_a_store_are_neither_followed_nor_removed_through(
    store: Store, outside: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    root, entry = Path(store.files.root), _entry(store)
    path = root / place.replace("ENTRY", entry.fingerprint)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(outside / "thesis" if path.suffix else outside / "stages" if place == "stages" else outside)
    for words in (*READING, ["gc", "--older-than", "0"], ["verify", "--set-aside"]):
        assert _run(store, *words) in (0, 1, 2)
    assert "this is a bug" not in "".join(capsys.readouterr())
    assert TREASURE not in _everything(root).values()


def test_nothing_is_removed_from_a_folder_that_is_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    for name in (
        "photos/2019/a.jpg",
        "damaged/car.jpg",
        "checkpoints/model.pt",
        "stages/one/x",
        ".a.part",
        "a/.b.part",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(TREASURE)
    before = _everything(home)
    for words in (["gc", "--older-than", "0"], ["verify", "--set-aside"], ["list"]):
        assert assay.cli.store.main([*words, f"storage={home}"]) == 0
    assert _everything(home) == before
    assert "removed 0 stages and 0 other files" in capsys.readouterr().out


@pytest.fixture(scope="module")
def made(stored: Path, tmp_path_factory: pytest.TempPathFactory, tiny_words: list[str]) -> Path:
    """A run folder with its store beside it; tests only read it."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(stored, folder / "store")
    words = ["ours", "--seeds", "2", "--output", str(folder / "run"), f"storage={folder / 'store'}", *tiny_words]
    assert smfnet.cli.ablate.main(words) == 0
    return folder / "run"


@pytest.fixture
def run(made: Path, store: Store, tmp_path: Path) -> RunFolder:
    """A copy of it beside the copied store."""
    run = RunFolder(shutil.copytree(made, tmp_path / "received" / "run"))
    _edited(run, lambda raw: raw["provenance"].update(storage=store.files.root))
    return run


def _edited(run: RunFolder, change: Callable[[dict[str, Any]], None]) -> None:
    raw = json.loads((run.folder / "run.json").read_text())
    change(raw)
    (run.folder / "run.json").write_text(json.dumps(raw))


def _fuse(run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which fusing by the run's network is refused."""
    from PIL import Image

    for kind, level in (("ir", 0), ("vi", 1)):
        (tmp_path / kind).mkdir()
        picture = Image.linear_gradient("L").rotate(90 * level)
        picture.save(tmp_path / kind / "a.png")
    words = [str(run.folder), "ours", f"--ir={tmp_path / 'ir'}", f"--vi={tmp_path / 'vi'}"]
    capsys.readouterr()
    code = smfnet.cli.fuse.main([*words, f"--output={tmp_path / 'fused'}"])
    (line,) = capsys.readouterr().err.splitlines()
    assert code == 2
    return line


@pytest.mark.parametrize("stage", ["../../../home/stages/thesis", "{outside}/stages", 32 * "A", "", 5, None])
def test_a_run_whose_stages_are_paths_is_damaged(
    run: RunFolder, outside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stage: Any
) -> None:
    stage = stage.format(outside=outside) if isinstance(stage, str) else stage
    _edited(run, lambda raw: [trial.update(stages=[stage]) for trial in raw["trials"]])
    line = _fuse(run, tmp_path, capsys)
    assert "run.json is damaged (trials.0.stages.0: " in line


def test_a_foreign_store_that_a_run_names_is_left_as_it_is(
    run: RunFolder, store: Store, outside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = next(trial for trial in run.record.trials if trial.row == "ours")
    shutil.copytree(Path(store.files.root) / STAGES / trial.stages[-1], tmp_path / "other" / STAGES / trial.stages[-1])
    state = tmp_path / "other" / STAGES / trial.stages[-1] / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-1])
    before = _everything(tmp_path / "other")
    _edited(run, lambda raw: raw["provenance"].update(storage=str(tmp_path / "other")))
    assert "are not in the storage" in _fuse(run, tmp_path, capsys)
    assert _everything(tmp_path / "other") == before


def test_a_finished_trial_of_no_stages_is_one_line(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edited(run, lambda raw: [trial.update(stages=[]) for trial in raw["trials"]])
    assert "does not say of which stages ours-seed2025 is made" in _fuse(run, tmp_path, capsys)


def test_a_name_in_a_record_is_obeyed_by_no_terminal(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _forged(store, _entry(store), files={"\u202egnp.exe": 64 * "0"})
    for words in (["verify"], ["list"], ["verify", "--set-aside"]):
        _run(store, *words)
    assert "\u202e" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("storage", [None, 5, ["x"], {}, ""])
def test_a_run_that_names_no_store_says_so(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], storage: Any
) -> None:
    _edited(run, lambda raw: raw["provenance"].update(storage=storage))
    assert "does not say where its storage is" in _fuse(run, tmp_path, capsys)


@pytest.mark.parametrize("name", ["results", "curves", "proof", "images", "images/ours", "figures", "run.json"])
def test_links_out_of_a_run_are_refused_by_what_reads_and_what_writes(
    run: RunFolder, outside: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = run.folder / name
    shutil.move(path, outside.parent / "moved") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside / "thesis" if path.suffix else outside)
    capsys.readouterr()
    assert assay.cli.report.main([str(run.folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "leads out of" in line or "is a link to" in line


def test_a_picture_that_is_a_link_is_not_shown(
    run: RunFolder, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = next((run.folder / "images" / "ours").glob("*.png"))
    picture.unlink()
    picture.symlink_to(outside / "a.png")
    assert assay.cli.report.main([str(run.folder)]) == 2
    assert "leads out of" in capsys.readouterr().err


def test_what_a_received_run_says_is_obeyed_by_no_terminal(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sequence = "\x1b]0;owned\x07\x1b[31m"

    def change(raw: dict[str, Any]) -> None:
        raw["suite"] = raw["note"] = sequence
        for row in raw["rows"]:
            row["title"] = f"{sequence}{row['name']}"
        for trial in raw["trials"]:
            trial["status"], trial["reason"] = "failed", sequence

    _edited(run, change)
    said = _fuse(run, tmp_path, capsys)
    assert assay.cli.report.main([str(run.folder)]) == 0
    written = "".join((run.folder / name).read_text() for name in ("table.md", "table.csv", "table.tex", "report.html"))
    for text in (said, *capsys.readouterr(), written):
        assert "\x1b" not in text
        assert "\x07" not in text
    assert r"\x1b[31m" in written


def test_markup_in_a_store_is_shown_as_text(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for entry, row in zip(list(store.entries(TRIALS))[:2], ("[/red]", "\x1b[31m"), strict=True):
        _forged(store, entry, row=row)
    assert _run(store, "list") == 0
    out, err = capsys.readouterr()
    assert "[/red]" in out
    assert r"\x1b[31m" in out
    assert "\x1b" not in out + err


def test_markup_in_a_suite_is_shown_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text('title: "[/b] [red]x"\nrows:\n  ours: {title: "[/] [A] Ours"}\n')
    assert smfnet.cli.ablate.main(["--list", "--suite", str(suite)]) == 0
    out = capsys.readouterr().out
    assert "[/b] [red]x (suite)" in out
    assert "[/] [A] Ours" in out
