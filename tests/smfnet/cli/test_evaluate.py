"""`evaluate` measures files as the library does, writes every digit, and explains what is wrong with a folder."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from smfnet.cli.evaluate import main
from smfnet.config.metrics import EVERY_METRIC, METRICS
from smfnet.metrics import measure

HEADER = ["name", *METRICS]


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """Options for three folders: three pairs of sources, two fused images."""
    random = np.random.default_rng(1)
    for folder, stems in (("ir", "abc"), ("vi", "abc"), ("fused", "ab")):
        (tmp_path / folder).mkdir()
        for stem in stems:
            pixels = random.integers(0, 256, (40, 44, 3) if folder == "vi" else (40, 44), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{stem}.{'bmp' if folder == 'vi' else 'png'}")
    return [f"--{folder}={tmp_path / folder}" for folder in ("ir", "vi", "fused")]


def _grey(path: Path) -> torch.Tensor:
    pixels = np.asarray(Image.open(path)).astype(np.float64)
    grey = pixels if pixels.ndim == 2 else pixels @ [0.299, 0.587, 0.114]
    return torch.from_numpy(np.rint(grey))[None, None]


def _fails(folders: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(folders) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_the_file_has_a_row_per_image_with_every_digit(folders: list[str], tmp_path: Path) -> None:
    assert main([*folders, f"--csv={tmp_path / 'new' / 'values.csv'}"]) == 0
    with open(tmp_path / "new" / "values.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == HEADER
    assert [row[0] for row in rows] == ["a", "b"]
    for name, *values in rows:
        files = (tmp_path / "fused" / f"{name}.png", tmp_path / "ir" / f"{name}.png", tmp_path / "vi" / f"{name}.bmp")
        expected = measure(*map(_grey, files))
        assert [float(value) for value in values] == [expected[metric].item() for metric in METRICS]


def test_the_means_are_printed_with_their_conventions(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*folders, f"--csv={tmp_path / 'values.csv'}"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "2 images; 1 pair of sources without a fused image" in printed.out
    with open(tmp_path / "values.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = {line.split()[0]: line for line in printed.out.splitlines()}
    for metric in METRICS:
        mean = np.mean([float(row[metric]) for row in rows])
        assert lines[metric].split()[1] == f"{mean:.4f}"
        assert METRICS[metric].convention in lines[metric]


def test_metrics_are_named_with_their_directions_and_conventions(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*folders, "--metrics", "Nabf, ssim", f"--csv={tmp_path / 'values.csv'}"]) == 0
    out = capsys.readouterr().out
    lines = [line.split()[0] for line in out.splitlines()]
    assert lines[1:4] == ["metric", "Nabf", "SSIM"]
    assert "larger is better in SSIM; smaller is better in Nabf; the convention" in " ".join(out.split())
    assert (tmp_path / "values.csv").read_text().splitlines()[0] == "name,Nabf,SSIM"
    assert main([*folders, "--metrics=MSE"]) == 0
    assert "smaller is better in all of them" in capsys.readouterr().out
    assert main([*folders, "--metrics=all"]) == 0
    assert set(EVERY_METRIC) <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_a_metric_that_there_is_not_is_told_before_the_images_are_looked_at(
    folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = _fails([folders[0], folders[1], "--fused=nowhere", "--metrics=EN,Nafb"], capsys)
    assert "unknown metric 'Nafb'. Did you mean Nabf?" in line


def test_one_image_has_no_spread(folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fused" / "b.png").unlink()
    assert main(folders) == 0
    out = capsys.readouterr().out
    assert "1 image; 2 pairs of sources" in out
    assert "nan" not in out


def test_names_with_commas_and_quotes_survive(folders: list[str], tmp_path: Path) -> None:
    name = 'one, "two"'
    for folder, suffix in (("ir", "png"), ("vi", "bmp"), ("fused", "png")):
        (tmp_path / folder / f"a.{suffix}").rename(tmp_path / folder / f"{name}.{suffix}")
    assert main([*folders, f"--csv={tmp_path / 'values.csv'}"]) == 0
    with open(tmp_path / "values.csv", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["b", name]


@pytest.mark.parametrize(("folder", "suffix"), [("ir", "png"), ("vi", "bmp")])
def test_a_fused_image_without_a_source_is_named(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str, suffix: str
) -> None:
    (tmp_path / folder / f"b.{suffix}").unlink()
    line = _fails(folders, capsys)
    assert str(tmp_path / "fused" / "b.png") in line
    assert str(tmp_path / folder / "b.*") in line


def test_a_size_that_differs_is_told_with_both_files(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (44, 41)).save(tmp_path / "ir" / "a.png")
    line = _fails(folders, capsys)
    assert f"{tmp_path / 'fused' / 'a.png'} has 44x40 pixels, {tmp_path / 'ir' / 'a.png'} 44x41 pixels" in line


def test_an_image_too_small_for_the_windows_is_named(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (tmp_path / "ir" / "a.png", tmp_path / "vi" / "a.bmp", tmp_path / "fused" / "a.png"):
        Image.new("L", (44, 16)).save(file)
    assert "a.png has 44x16 pixels: expected at least 17x17" in _fails(folders, capsys)


def test_a_truncated_image_is_named_and_nothing_is_written(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fused" / "b.png"
    file.write_bytes(file.read_bytes()[:-400])
    line = _fails([*folders, f"--csv={tmp_path / 'values.csv'}"], capsys)
    assert f"{file} is damaged" in line
    assert not (tmp_path / "values.csv").exists()


def test_an_empty_and_a_missing_folder_are_named(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (tmp_path / "fused").iterdir():
        file.unlink()
    assert f"{tmp_path / 'fused'} is empty" in _fails(folders, capsys)
    (tmp_path / "fused").rmdir()
    assert f"{tmp_path / 'fused'}; there is none" in _fails(folders, capsys)


def test_a_csv_file_that_cannot_be_made_is_refused_before_the_work(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "this is a folder" in _fails([*folders, f"--csv={tmp_path}"], capsys)
    below = tmp_path / "ir" / "a.png" / "values.csv"
    assert f"{tmp_path / 'ir' / 'a.png'} is a file" in _fails([*folders, f"--csv={below}"], capsys)


def test_a_terminal_sees_a_bar_that_leaves_the_output_alone(
    folders: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes any stream for a terminal
    assert main(folders) == 0
    printed = capsys.readouterr()
    assert "2/2" in printed.err
    assert "measured" not in printed.out


def test_a_range_is_applied_to_its_source(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stem in "ab":
        file = tmp_path / "ir" / f"{stem}.png"
        values = np.asarray(Image.open(file)).astype(np.uint16)
        Image.fromarray(7000 + 4 * values).save(file)
    line = _fails(folders, capsys)
    assert f"{tmp_path / 'ir' / 'a.png'} would be left with 5 of 256 grey levels" in line
    assert "--ir-range=7000:8020" in line
    assert main([*folders, "--ir-range=7000:8020", f"--csv={tmp_path / 'given.csv'}"]) == 0
    assert main([*folders, "--ir-range=0%:100%", f"--csv={tmp_path / 'percentiles.csv'}"]) == 0
    assert "--ir-range=0%:100%: here these are the values 7000:8020" in capsys.readouterr().out
    for stem in "ab":
        file = tmp_path / "ir" / f"{stem}.png"
        Image.fromarray(((np.asarray(Image.open(file)) - 7000) // 4).astype(np.uint8)).save(file)
    assert main([*folders, f"--csv={tmp_path / 'plain.csv'}"]) == 0
    tables = [(tmp_path / f"{name}.csv").read_text() for name in ("given", "percentiles", "plain")]
    assert tables[0] == tables[1] == tables[2]


def test_a_range_that_cannot_be_read_is_told(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "--vi-range: expected LOW:HIGH" in _fails([*folders, "--vi-range=bright"], capsys)


def test_a_fused_image_of_raw_counts_is_told(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray((7000 + np.arange(40 * 44).reshape(40, 44)).astype(np.uint16)).save(tmp_path / "fused" / "a.png")
    assert "fill 2.7 % of 0..65535; save it with 8 bits" in _fails(folders, capsys)


@pytest.mark.shared
def test_the_same_scene_raw_and_stretched_has_the_same_values(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, stretched = shared / "cases" / "thermal14", shared / "cases" / "thermal14_stretched"
    fused = [f"--vi={raw / 'vi'}", f"--fused={stretched / 'vi'}"]
    assert "--ir-range=7200:7926" in _fails([f"--ir={raw / 'ir'}", *fused], capsys)
    for name, folder, option in (("raw", raw, ["--ir-range=7200:7926"]), ("stretched", stretched, [])):
        assert main([f"--ir={folder / 'ir'}", *fused, *option, f"--csv={tmp_path / name}.csv"]) == 0
    assert (tmp_path / "raw.csv").read_text() == (tmp_path / "stretched.csv").read_text()


@pytest.mark.shared
def test_one_folder_for_both_sources_is_refused(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "cases" / "onefolder"
    line = _fails([f"--{name}={folder}" for name in ("ir", "vi", "fused")], capsys)
    assert "--ir and --vi are one folder" in line


def test_help_does_not_wait_for_torch() -> None:
    script = (
        "import sys\nfrom smfnet.cli.evaluate import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print({'torch', 'rich', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "examples:" in done.stdout
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize("option", ["--csv", "--markdown", "--latex", "--figure"])
@pytest.mark.parametrize("place", ["ir/a.png", "vi/c.bmp", "fused/b.png", "fused/new.png"])
def test_no_output_takes_the_place_of_an_image(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, place: str
) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    words = [*folders, f"{option}={tmp_path / place}", "--force"]
    assert f"{option} {tmp_path / place}: expected" in _fails(words, capsys)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
