"""What people give `fuse`: each is one clear line, or right; and one mistake loses no other pair."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smfnet
from smfnet.cli.fuse import main
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.tiles.memory import shown
from smfnet.model import SMFNet
from tests.smfnet.cli.test_fuse import world
from tests.smfnet.fusion.tiles.conftest import small_network

__all__ = ["world"]

SIZE = (24, 28)  # height, width
ORIENTATION = 0x0112


def _pixels(seed: int, *more: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*SIZE, *more), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sound pairs, `a` and `b`."""
    for number, part in enumerate(("ir", "vi")):
        (tmp_path / part).mkdir()
        for name in "ab":
            Image.fromarray(_pixels(10 * number + ord(name))).save(tmp_path / part / f"{name}.png")
    return tmp_path


def _words(world: Path, folder: Path, *more: str, ir: str = "ir", vi: str = "vi", output: str = "out") -> list[str]:
    places = (f"--ir={folder / ir}", f"--vi={folder / vi}", f"--output={folder / output}")
    return [str(world / "run"), "mean", *places, *more]


def _refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "bug" not in line
    return line


def _passed_over(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The line about a pair beside two sound ones, which are fused."""
    capsys.readouterr()
    assert main(_words(world, folder)) == 1
    line, end = capsys.readouterr().err.splitlines()
    assert end.startswith("error: 2 of 3 pairs are fused")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.png", "b.png"]
    return line


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_images_of_one_row_or_column_are_told(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], size: tuple[int, int]
) -> None:
    for part in ("ir", "vi"):
        Image.fromarray(np.resize(_pixels(ord(part[0])), size)).save(folder / part / "c.png")
    assert f"c.png has {size[1]}x{size[0]} pixels: expected at least 2x2" in _passed_over(world, folder, capsys)


def test_a_truncated_file_is_told(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (folder / "vi" / "a.png").read_bytes()
    (folder / "vi" / "c.png").write_bytes(data[: len(data) // 2])
    Image.fromarray(_pixels(1)).save(folder / "ir" / "c.png")
    line = _passed_over(world, folder, capsys)
    assert "vi/c.png is damaged or not an image" in line


def test_text_with_the_name_of_an_image_is_told(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "vi" / "c.jpg").write_text("<html>404</html>")
    Image.fromarray(_pixels(1)).save(folder / "ir" / "c.png")
    assert "vi/c.jpg is damaged or not an image" in _passed_over(world, folder, capsys)


def test_a_damaged_file_does_not_end_percentiles_of_the_others(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ir" / "c.png").write_bytes(b"")
    Image.fromarray(_pixels(1)).save(folder / "vi" / "c.png")
    assert main(_words(world, folder, "--ir-range=1%:99%")) == 1
    assert "ir/c.png is damaged" in capsys.readouterr().err
    assert len(list((folder / "out").iterdir())) == 2


def test_different_sizes_are_told(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(_pixels(1)).save(folder / "ir" / "c.png")
    Image.fromarray(_pixels(2)[:-1]).save(folder / "vi" / "c.png")
    assert "expected images of one size, got 28x24 pixels in" in _passed_over(world, folder, capsys)


def test_one_image_for_both_is_told(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("ir", "vi"):
        Image.fromarray(_pixels(1)).save(folder / part / "c.png")
    assert "hold one image" in _passed_over(world, folder, capsys)


def test_an_image_without_a_partner_is_told(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(_pixels(1)).save(folder / "vi" / "c.png")
    assert "vi/c.png has no partner" in _passed_over(world, folder, capsys)


def test_a_turned_photograph_is_upright(world: Path, folder: Path) -> None:
    upright = Image.open(folder / "vi" / "a.png")
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    turned.save(folder / "turned.png", exif=exif)
    assert main(_words(world, folder, ir="ir/a.png", vi="vi/a.png", output="plain.png")) == 0
    assert main(_words(world, folder, ir="ir/a.png", vi="turned.png", output="other.png")) == 0
    np.testing.assert_array_equal(*(np.asarray(Image.open(folder / f"{name}.png")) for name in ("plain", "other")))


@pytest.mark.parametrize("kind", ["palette", "alpha", "sixteen bits", "bitmap"])
def test_other_ways_to_write_an_image_give_the_same(world: Path, folder: Path, kind: str) -> None:
    values = _pixels(5) // 16 * 16
    image = Image.fromarray(values)
    image.save(folder / "plain.png")
    other = {
        "palette": lambda: image.quantize(256, kmeans=1),
        "alpha": lambda: Image.merge("LA", (image, Image.fromarray(_pixels(6)))),
        "sixteen bits": lambda: Image.fromarray(values.astype(np.uint16) * 257),
        "bitmap": lambda: image,
    }[kind]()
    name = "other.bmp" if kind == "bitmap" else "other.png"
    other.save(folder / name)
    for vi in ("plain.png", name):
        assert main(_words(world, folder, ir="ir/a.png", vi=vi, output=f"fused of {vi}.png")) == 0
    fused = [
        np.asarray(Image.open(folder / f"fused of {vi}.png").convert("L")).astype(int) for vi in ("plain.png", name)
    ]
    np.testing.assert_allclose(*fused, atol=1)


def test_a_jpeg_of_a_printing_press_has_colour(world: Path, folder: Path) -> None:
    Image.fromarray(_pixels(7, 4), mode="CMYK").save(folder / "press.jpg", quality=95)
    assert main(_words(world, folder, ir="ir/a.png", vi="press.jpg", output="fused.png")) == 0
    assert Image.open(folder / "fused.png").mode == "RGB"


def test_one_stem_twice_is_refused(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(_pixels(1)).save(folder / "vi" / "a.bmp")
    assert "have one stem" in _refused(_words(world, folder), capsys)


@pytest.mark.parametrize("name", ["two words", "白天", "a'b\"c", "-n", "a%20b", "#1"])
def test_names_are_kept(world: Path, folder: Path, name: str) -> None:
    for number, part in enumerate(("ir", "vi")):
        Image.fromarray(_pixels(number)).save(folder / part / f"{name}.png")
    assert main(_words(world, folder)) == 0
    assert (folder / "out" / f"{name}.png").is_file()


@pytest.mark.parametrize(
    ("output", "ir"), [("vi", "ir"), ("ir", "ir"), ("ir/a.png", "ir/a.png"), ("vi/a.png", "ir/a.png")]
)
def test_sources_are_never_overwritten(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], output: str, ir: str
) -> None:
    vi = ir.replace("ir", "vi")
    before = (folder / "vi" / "a.png").read_bytes()
    assert "holds the sources" in _refused(_words(world, folder, "--force", ir=ir, vi=vi, output=output), capsys)
    assert (folder / "vi" / "a.png").read_bytes() == before


def test_files_that_are_there_are_not_overwritten_unasked(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "b.png").write_text("mine")
    line = _refused(_words(world, folder), capsys)
    assert line.startswith(f"error: {folder}/out/b.png is there already, and is not what would be fused now: give")
    assert [path.name for path in (folder / "out").iterdir()] == ["b.png"]  # nothing was begun
    assert main(_words(world, folder, "--force")) == 0
    assert Image.open(folder / "out" / "b.png").size == (SIZE[1], SIZE[0])
    others = _words(world, folder, "--vi-range=0:200")
    assert "(and 1 more)" in _refused(others, capsys)


def test_a_folder_that_cannot_be_written_to_is_told(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--output /proc/fused: expected a folder" in _refused(_words(world, folder, output="/proc/fused"), capsys)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"ir": "ir/a.png"}, "expected two folders or two image files"),
        ({"ir": "nowhere"}, "expected a folder of images at"),
        ({"ir": "vi"}, "are one folder"),
    ],
)
def test_places_that_do_not_belong_together_are_told(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], words: dict[str, str], line: str
) -> None:
    assert line in _refused(_words(world, folder, **words), capsys)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("--memory=much", "--memory: expected a size such as 4GiB"),
        ("--tile=3", "--tile: expected a side of at least 16 pixels; got 3"),
        ("--onnx=/", "--onnx /"),
    ],
)
def test_options_that_cannot_be_are_told(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], more: str, line: str
) -> None:
    assert line in _refused(_words(world, folder, more), capsys)


def test_images_are_asked_for_unless_a_file_of_the_network_is_wanted(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is no --ir and no --vi and no --output" in _refused([str(world / "run"), "ours"], capsys)
    assert "there is no --output" in _refused([str(world / "run"), "ours", "--ir=x", "--vi=y"], capsys)
    file = folder / "max.safetensors"
    assert "has no weights" in _refused([str(world / "run"), "mean", f"--save-weights={file}"], capsys)
    assert not file.exists()


@pytest.mark.parametrize("option", ["--onnx", "--save-weights"])
def test_a_network_never_takes_the_place_of_an_image(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    image = folder / "vi" / "a.png"
    before = image.read_bytes()
    assert "that of an image" in _refused(_words(world, folder, "--force", f"{option}={image}"), capsys)
    assert image.read_bytes() == before


def test_one_file_for_weights_and_onnx_is_refused(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = (f"--onnx={folder / 'a.onnx'}", f"--save-weights={folder / 'a.onnx'}")
    assert "are one file" in _refused(_words(world, folder, *both), capsys)


@pytest.mark.parametrize(
    ("ir", "vi", "output"), [("ir/a.png", "vi/a.png", "a.jpg"), ("ir", "vi", "out.png"), ("ir", "vi", "out.TIFF")]
)
def test_an_image_that_cannot_be_written_is_no_folder(
    world: Path, folder: Path, capsys: pytest.CaptureFixture[str], ir: str, vi: str, output: str
) -> None:
    assert "expected a folder, or FILE.png" in _refused(_words(world, folder, ir=ir, vi=vi, output=output), capsys)
    assert not (folder / output).exists()


@pytest.mark.parametrize("option", ["--seed=4", "--storage=x"])
def test_what_is_of_a_run_is_not_taken_with_weights(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    places = [f"--ir={folder / 'ir'}", f"--vi={folder / 'vi'}", f"--output={folder / 'out'}"]
    line = _refused(["--weights=a.safetensors", option, *places], capsys)
    assert f"{option.partition('=')[0]}: of a run's row" in line


def test_weights_in_a_file_fuse_as_the_run_does(world: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "ours.safetensors"
    ours = [word if word != "mean" else "ours" for word in _words(world, folder)]
    assert main([*ours, f"--save-weights={file}"]) == 0
    words = [word for word in _words(world, folder, output="again") if word not in ("mean", str(world / "run"))]
    assert main([f"--weights={file}", *words]) == 0
    for name in ("a.png", "b.png"):
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()
    assert "is there already" in _refused([str(world / "run"), "ours", f"--save-weights={file}"], capsys)


def test_tiles_give_the_same_file(world: Path, folder: Path) -> None:
    whole, tiled = (
        [word if word != "mean" else "ours" for word in _words(world, folder, *more, output=output)]
        for more, output in (((), "whole"), (("--tile=16",), "tiled"))
    )
    assert main(whole) == 0
    assert main(tiled) == 0
    images = [np.asarray(Image.open(folder / output / "a.png")).astype(int) for output in ("whole", "tiled")]
    np.testing.assert_allclose(*images, atol=1)


@pytest.mark.slow
def test_a_large_image_stays_within_the_memory_that_is_allowed(tmp_path: Path) -> None:
    """As a whole it would take 2.5 GiB."""
    allowed = 900 << 20
    script = (
        "import torch\n"
        "from assay.training.memory import peak_memory\n"
        "from smfnet.fusion.tiles.bounded import Bounded, Limits\n"
        "from tests.smfnet.fusion.tiles.conftest import small_network\n"
        "torch.set_num_threads(2)\n"
        "images = torch.rand(2, 1, 1, 1600, 1600).unbind()\n"
        "with torch.inference_mode():\n"
        f"    Bounded(small_network().fuse, torch.device('cpu'), Limits({allowed}))(*images)\n"
        "print(peak_memory(torch.device('cpu')))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert int(done.stdout) < allowed, shown(int(done.stdout))


def test_arrays_take_the_same_limits() -> None:
    network: SMFNet | Fuser = small_network()
    ir, vi = _pixels(1), _pixels(2, 3)
    whole = smfnet.fuse(network, ir, vi, device="cpu")
    tiled = smfnet.fuse(network, ir, vi, device="cpu", tile=16, memory="8GiB")
    np.testing.assert_allclose(whole.astype(int), tiled.astype(int), atol=1)
