"""`fuse` gives the very images that the run measured, and explains what is missing."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from PIL import Image

from assay.config.changes import apply
from assay.config.compose import to_yaml
from assay.experiment.execution import execute_trial
from assay.experiment.trial import Trial, baseline_trial, variant_trial
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.run.recorder import Recorder
from assay.store.store import STAGES, TRIALS, Store
from smfnet.cli.evaluate import main as evaluate
from smfnet.cli.fuse import main
from smfnet.config.earlier_layout import RENAMED
from smfnet.config.root import Config
from smfnet.data.images import png
from smfnet.fusion import fuse, fuse_files
from smfnet.fusion.tiles.bounded import Bounded
from smfnet.model import build
from smfnet.study import study
from tests.smfnet.tiny import TINY

ROWS = (RowRecord("ours", "Ours"), RowRecord("swap", "Swapped", changes={"fuse.swap": True}))
BASELINE = RowRecord("mean", "mean of both", baseline=True)


def _images(folder: Path, shape: tuple[int, ...], names: list[str], seed: int) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for name in names:
        coarse = Image.fromarray(random.integers(0, 256, (5, 6, *shape[2:]), dtype=np.uint8))
        coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC).save(folder / name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Image pairs, and a run of two networks and a rule that was trained and measured on them."""
    folder = tmp_path_factory.mktemp("world")
    for part in ("train", "test"):
        _images(folder / part / "ir", (24, 28), ["a.png", "b c.png"], 1)
        _images(folder / part / "vi", (24, 28, 3), ["a.png", "b c.png"], 2)
    where = {"data.root": str(folder), "storage": str(folder / "store"), "seed": 5}
    config = apply(Config(), {**TINY, **where})
    store = Store(config.storage)
    trials = [variant_trial(study(), row.name, apply(config, row.changes), 5) for row in ROWS]
    trials.append(baseline_trial(study(), "mean", config))
    for trial in trials:
        execute_trial(study(), trial, store)
    _write_run(folder / "run", config, trials)
    return folder


def _write_run(folder: Path, config: Config, trials: list[Trial]) -> None:
    run = RunFolder(folder)
    run.write_config(to_yaml(config))
    records = [
        TrialRecord(t.id, t.row, t.seed, "finished", stages=tuple(named.fingerprint for named in t.stages))
        for t in trials
    ]
    records.append(TrialRecord("ours-seed6", "ours", 6, "failed", "loss is nan"))
    run.write_record(
        RunRecord(
            kind="ablation",
            suite="two",
            command=("ablate",),
            rows=(*ROWS, BASELINE),
            trials=tuple(records),
            columns=("EN",),
            provenance={"storage": config.storage},
        )
    )


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *sections, name = path.split(".")
        reduce(lambda node, section: node.setdefault(section, {}), sections, tree)[name] = value
    return tree


def _arguments(world: Path, output: Path, *more: str) -> list[str]:
    return [*more, f"--ir={world / 'test' / 'ir'}", f"--vi={world / 'test' / 'vi'}", f"--output={output}"]


def _fails(arguments: list[str], capsys: pytest.CaptureFixture[str], command: Callable[..., int] = main) -> str:
    capsys.readouterr()
    assert command(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("row", ["ours", "swap", "mean"])
def test_the_images_are_those_that_the_run_measured(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    assert main(_arguments(world, tmp_path / "fused", str(world / "run"), row)) == 0
    assert str(tmp_path / "fused") in capsys.readouterr().out
    store = Store(str(world / "store"))
    (entry,) = (entry for entry in store.entries(TRIALS) if entry.record.row == row)
    assert _written(tmp_path / "fused") == {name: store.read(entry, f"images/{name}") for name in ("a.png", "b c.png")}
    assert Image.open(tmp_path / "fused" / "a.png").mode == "RGB"


def test_a_run_of_the_earlier_layout_of_the_configuration_fuses_as_it_did(world: Path, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    shutil.copytree(world / "run", run.folder)
    values = run.config()
    earlier = {old: values.pop(new) for old, (new, *_) in RENAMED.items() if new in values}
    assert {"base.groups", "fuse.combine"} < earlier.keys()
    run.write_config(OmegaConf.to_yaml(OmegaConf.create(_nested(values | earlier))))
    rows = [replace(row, changes={**row.changes, "base.groups": 2}) for row in ROWS]
    run.write_record(replace(run.record, rows=(*rows, BASELINE)))
    for folder, output in ((world / "run", "now"), (run.folder, "then")):
        assert main(_arguments(world, tmp_path / output, str(folder), "swap")) == 0
    assert (tmp_path / "now" / "a.png").read_bytes() == (tmp_path / "then" / "a.png").read_bytes()


def test_the_rows_networks_differ(world: Path, tmp_path: Path) -> None:
    images = []
    for row in ("ours", "swap"):
        assert main(_arguments(world, tmp_path / row, str(world / "run"), row)) == 0
        images.append((tmp_path / row / "a.png").read_bytes())
    assert images[0] != images[1]


def test_grey_visible_images_give_grey_fused_ones(world: Path, tmp_path: Path) -> None:
    _images(tmp_path / "vi", (24, 28), ["a.png", "b c.png"], 3)
    arguments = [str(world / "run"), "ours", f"--ir={world / 'test' / 'ir'}", f"--vi={tmp_path / 'vi'}"]
    assert main([*arguments, f"--output={tmp_path / 'fused'}"]) == 0
    image = Image.open(tmp_path / "fused" / "a.png")
    assert image.mode == "L"
    assert image.getextrema() == (0, 255)  # stretched


def test_a_checkpoint_of_the_release_is_fused_with_its_own_test_step(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = build(apply(Config(), {"network.width": 4, "network.heads": 1}).model, seed=3)
    monkeypatch.setattr(fuse, "load_released_checkpoint", lambda path: network)
    weights = tmp_path / "SMFNet.pth"
    assert _fails(_arguments(world, tmp_path / "fused", f"--weights={weights}"), capsys).endswith("there is none")
    weights.touch()
    assert main(_arguments(world, tmp_path / "fused", f"--weights={weights}")) == 0
    assert "fused 2 pairs with SMFNet.pth" in capsys.readouterr().out
    assert not network.training
    assert len(list((tmp_path / "fused").iterdir())) == 2


def test_unknown_rows_and_seeds_are_answered_with_those_there_are(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(world / "run")
    assert "Did you mean swap? Known: ours, swap, mean." in _fails(_arguments(world, tmp_path, run, "swop"), capsys)
    assert "ours, swap, mean" in _fails(_arguments(world, tmp_path, run), capsys)
    line = _fails(_arguments(world, tmp_path, run, "ours", "--seed=6"), capsys)
    assert "no finished trial under seed 6; there is 5" in line
    line = _fails(_arguments(world, tmp_path, run, "mean", "--seed=5"), capsys)
    assert "is not trained and has no seeds: leave seed 5 out" in line
    assert "is no run" in _fails(_arguments(world, tmp_path, str(world), "ours"), capsys)


def test_a_run_and_weights_are_one_too_many_and_neither_one_too_few(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--weights=x.pth", str(world / "run"), "ours")
    for words in ((), both):
        assert "--weights FILE" in _fails(_arguments(world, tmp_path, *words), capsys)


def test_missing_weights_say_how_to_get_them(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = f"--storage={tmp_path / 'store'}"
    line = _fails(_arguments(world, tmp_path / "fused", str(world / "run"), "ours", elsewhere), capsys)
    assert "ours-seed5" in line
    assert "say where they are (storage)" in line
    shutil.copytree(world / "store", tmp_path / "store")
    assert main(_arguments(world, tmp_path / "fused", str(world / "run"), "ours", elsewhere)) == 0


def test_weights_with_a_flipped_bit_are_not_used(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(world / "store", tmp_path / "store")
    stage = RunFolder(world / "run").record.trials[0].stages[-1]
    file = tmp_path / "store" / STAGES / stage / "state.safetensors"
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(data)
    storage = f"--storage={tmp_path / 'store'}"
    assert "give the run's command again with another storage=DIR" in _fails(
        _arguments(world, tmp_path / "fused", str(world / "run"), "ours", storage), capsys
    )


def test_a_row_that_has_not_finished_says_so(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(world / "run", tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    Recorder(run, run.record).change(run.record.trials[0].id, status="running")
    line = _fails(_arguments(world, tmp_path / "fused", str(tmp_path / "run"), "ours"), capsys)
    assert "no finished trial yet" in line


def test_the_sources_are_never_overwritten(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("ir", "vi"):
        line = _fails(_arguments(world, world / "test" / folder, str(world / "run"), "mean"), capsys)
        assert "holds the sources" in line


def _of(folder: Path) -> list[str]:
    return [f"--ir={folder / 'ir'}", f"--vi={folder / 'vi'}"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("case", "stems"),
    [("chinese", ["白天", "黑夜"]), ("parens", ["vi (1)", "vi (2)"]), ("nfd", ["caf\u00e9"])],
)
def test_fused_images_have_the_names_of_their_sources_and_evaluate_finds_them(
    world: Path, tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str], case: str, stems: list[str]
) -> None:
    sources, fused, csv = _of(shared / "cases" / case), tmp_path / "fused", tmp_path / "values.csv"
    assert main([str(world / "run"), "mean", *sources, f"--output={fused}"]) == 0
    assert sorted(path.name for path in fused.iterdir()) == [f"{stem}.png" for stem in stems]
    assert evaluate([*sources, f"--fused={fused}", f"--csv={csv}"]) == 0
    assert [line.split(",")[0] for line in csv.read_text().splitlines()] == ["name", *stems]


def test_names_that_other_file_systems_refuse_are_found_again(world: Path, tmp_path: Path) -> None:
    stems = ["12:30", "50%", "50%25", "a.", "aux", "b_c", "b c", "what?", "a\\b", "A", "x" * 251]
    for seed, folder in enumerate(("ir", "vi")):
        _images(tmp_path / folder, (24, 28), [f"{stem}.png" for stem in stems], seed)
    assert main([str(world / "run"), "mean", *_of(tmp_path), f"--output={tmp_path / 'fused'}"]) == 0
    assert {path.stem for path in (tmp_path / "fused").iterdir()} == set(stems)
    assert evaluate([*_of(tmp_path), f"--fused={tmp_path / 'fused'}"]) == 0


@pytest.mark.parametrize("tells", [True, False])
def test_names_that_differ_in_case_alone_never_overwrite_each_other(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tells: bool
) -> None:
    for seed, folder in enumerate(("ir", "vi")):
        _images(tmp_path / folder, (24, 28), ["a.png", "A.png"], seed)
    words = [str(world / "run"), "mean", *_of(tmp_path), f"--output={tmp_path / 'fused'}"]
    exists = Path.exists
    if not tells:  # as on macOS: whatever is asked for in capitals is there
        monkeypatch.setattr(Path, "exists", lambda path: path.name == path.name.upper() or exists(path))
        assert "would be one file" in _fails(words, capsys)
    else:
        assert main(words) == 0
    assert len(list((tmp_path / "fused").iterdir())) == 2 * tells


def test_a_file_system_that_refuses_a_name_is_one_line(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument", str(path))

    monkeypatch.setattr(fuse_files, "write_png", refuse)
    line = _fails(_arguments(world, tmp_path / "fused", str(world / "run"), "mean"), capsys)
    assert "a.png: the file system takes no such name" in line


def test_an_output_that_is_no_utf_8_is_refused_and_an_image_of_such_a_name_passed_over(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "fused"
    assert "got " in _fails(_arguments(world, tmp_path / "caf\udce9", str(world / "run"), "mean"), capsys)
    for seed, folder in enumerate(("ir", "vi")):
        _images(tmp_path / folder, (24, 28), ["a.png", "caf\udce9.png"], seed)
    assert main([str(world / "run"), "mean", *_of(tmp_path), f"--output={output}"]) == 1
    told, end = capsys.readouterr().err.splitlines()
    assert told == f"passed over: expected a name in UTF-8; got {tmp_path}/ir/caf\\udce9.png: rename it"
    assert end == f"error: 1 of 2 pairs are fused: {output}"
    assert [path.name for path in output.iterdir()] == ["a.png"]
    for folder in ("ir", "vi"):
        (tmp_path / folder / "a.png").unlink()
    line = _fails([str(world / "run"), "mean", *_of(tmp_path), f"--output={output}"], capsys)
    assert line == f"error: expected a name in UTF-8; got {tmp_path}/ir/caf\\udce9.png: rename it"


def test_a_missing_partner_and_a_file_for_a_folder_are_named(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _images(tmp_path / "vi", (24, 28), ["a.png"], 4)
    words = [str(world / "run"), "mean", f"--ir={world / 'test' / 'ir'}", f"--vi={tmp_path / 'vi'}"]
    assert main([*words, f"--output={tmp_path / 'fused'}"]) == 1
    passed, line = capsys.readouterr().err.splitlines()
    assert passed.startswith("passed over: ")
    assert "b c.png has no partner" in passed
    assert line.startswith("error: 1 of 2 pairs are fused")
    (tmp_path / "vi" / "a.png").rename(tmp_path / "vi" / "c.png")
    assert "a.png has no partner" in _fails([*words, f"--output={tmp_path / 'other'}"], capsys)
    (tmp_path / "vi" / "c.png").rename(tmp_path / "vi" / "a.png")
    line = _fails(_arguments(world, tmp_path / "vi" / "a.png", str(world / "run"), "mean"), capsys)
    assert "is a file" in line


def test_too_little_memory_and_a_broken_network_are_one_line(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = _arguments(world, tmp_path, str(world / "run"), "mean")
    monkeypatch.setattr(fuse, "fusion_of", lambda row, infer: (lambda ir, vi: torch.empty(2**50), infer))
    assert "28x24 pixels need more memory than cpu has" in _fails(arguments, capsys)
    monkeypatch.setattr(fuse, "fusion_of", lambda row, infer: (lambda ir, vi: ir / 0, infer))
    assert "not finite" in _fails(arguments, capsys)


def test_a_pair_that_cannot_be_fused_is_passed_over(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter((*(1.0,) * 4, float("nan"), 1.0))  # four of them to see how long it takes
    monkeypatch.setattr(fuse, "fusion_of", lambda row, infer: (lambda ir, vi: ir * next(answers), infer))
    monkeypatch.setattr(Bounded, "side", lambda self, height, width: None)
    assert main(_arguments(world, tmp_path / "fused", str(world / "run"), "mean")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    passed, line = err.splitlines()
    assert passed.startswith("passed over: the fused image of a holds values that are not finite")
    assert line.startswith("error: 1 of 2 pairs are fused")
    assert [path.name for path in (tmp_path / "fused").iterdir()] == ["b c.png"]


def _raw(world: Path, folder: Path) -> None:
    """The infrared test images as a camera might count them: 7000 + 4 values a grey level."""
    folder.mkdir()
    for file in (world / "test" / "ir").iterdir():
        Image.fromarray(7000 + 4 * np.asarray(Image.open(file)).astype(np.uint16)).save(folder / file.name)


def _written(folder: Path) -> dict[str, bytes]:
    """Files without the mark of what they were made of."""
    return {path.name: png(np.asarray(Image.open(path))) for path in folder.iterdir()}


@pytest.mark.parametrize("row", ["ours", "mean"])
def test_raw_counts_are_refused_until_their_range_is_given(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    _raw(world, tmp_path / "raw")
    words = [str(world / "run"), row, f"--vi={world / 'test' / 'vi'}"]
    raw = [*words, f"--ir={tmp_path / 'raw'}", f"--output={tmp_path / 'fused'}"]
    assert "--ir-range=" in (line := _fails(raw, capsys))
    assert "of 256 grey levels" in line
    assert not (tmp_path / "fused").exists()
    assert main([*raw, "--ir-range=7000:8020"]) == 0
    assert main([*words, f"--ir={world / 'test' / 'ir'}", f"--output={tmp_path / 'plain'}"]) == 0
    assert _written(tmp_path / "fused") == _written(tmp_path / "plain")


def test_a_run_that_was_given_a_range_fuses_by_it(world: Path, tmp_path: Path) -> None:
    _raw(world, tmp_path / "raw")
    shutil.copytree(world / "run", tmp_path / "run")
    config = tmp_path / "run" / "config.yaml"
    config.write_text(config.read_text().replace("ir_range: null", "ir_range: 7000:8020"))
    words = [f"--vi={world / 'test' / 'vi'}", f"--ir={tmp_path / 'raw'}"]
    assert main([str(tmp_path / "run"), "ours", *words, f"--output={tmp_path / 'its'}"]) == 0
    assert main([str(world / "run"), "ours", *words, "--ir-range=7000:8020", f"--output={tmp_path / 'given'}"]) == 0
    assert _written(tmp_path / "its") == _written(tmp_path / "given")
    other = [str(tmp_path / "run"), "ours", *words, "--ir-range=7000:9000", f"--output={tmp_path / 'other'}"]
    assert main(other) == 0
    assert _written(tmp_path / "its") != _written(tmp_path / "other")


@pytest.mark.shared
@pytest.mark.parametrize("row", ["ours", "mean"])
def test_the_same_scene_raw_and_stretched_is_one_fused_image(
    world: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    raw, stretched = shared / "cases" / "thermal14", shared / "cases" / "thermal14_stretched"
    words = [str(world / "run"), row, f"--vi={raw / 'vi'}"]
    line = _fails([*words, f"--ir={raw / 'ir'}", f"--output={tmp_path / 'raw'}"], capsys)
    assert "a.png would be left with 4 of 256 grey levels" in line
    assert "7200..7926" in line
    assert main([*words, f"--ir={raw / 'ir'}", "--ir-range=0%:100%", f"--output={tmp_path / 'raw'}"]) == 0
    assert main([*words, f"--ir={stretched / 'ir'}", f"--output={tmp_path / 'stretched'}"]) == 0
    assert _written(tmp_path / "raw") == _written(tmp_path / "stretched")


@pytest.mark.shared
def test_one_folder_for_both_sources_is_refused(
    world: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "cases" / "onefolder"
    words = [str(world / "run"), "mean", f"--ir={folder}", f"--vi={folder}", f"--output={tmp_path / 'fused'}"]
    assert "--ir and --vi are one folder" in _fails(words, capsys)
    assert not (tmp_path / "fused").exists()
