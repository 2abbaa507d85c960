"""Images against Pillow, the formulas of BT.601, and what the evaluator of the field read."""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from assay.config.errors import UserError
from smfnet.config.value_range import ValueRange
from smfnet.data.images import chroma, luma, png, read_grey, read_pixels, write_png
from smfnet.data.sources import look

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]

LOSSLESS = ("png", "bmp", "tif", "tiff")
ALL = (*LOSSLESS, "jpg")


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_reads_what_was_written(
    tmp_path: Path, suffix: str, shape: tuple[int, ...], noise: Noise, write: Write
) -> None:
    path = write(tmp_path / f"a.{suffix}", pixels := noise(1, shape))
    np.testing.assert_array_equal(read_pixels(path), pixels.astype(np.float32))
    assert look(path).size == (5, 7)


def test_reads_jpeg_as_it_decodes(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path / "a.jpg", np.full((16, 16, 3), (200, 30, 90), np.uint8))
    np.testing.assert_allclose(read_pixels(path), np.full((16, 16, 3), (200, 30, 90)), atol=3)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_keep_their_precision(tmp_path: Path, suffix: str, write: Write) -> None:
    pixels = np.array([[0, 1, 256, 257, 32768, 65535]], np.uint16)
    path = write(tmp_path / f"a.{suffix}", pixels)
    np.testing.assert_allclose(read_grey(path), pixels / 257.0, rtol=1e-6)


def test_sixteen_bits_big_endian(tmp_path: Path) -> None:
    pixels = np.array([[1, 256, 40000]], ">u2")
    image = Image.frombytes("I;16B", (3, 1), pixels.tobytes())
    image.save(tmp_path / "a.tif")
    np.testing.assert_allclose(read_grey(tmp_path / "a.tif"), pixels / 257.0, rtol=1e-6)


@pytest.mark.parametrize("kind", ["F", "I"])
def test_refuses_a_kind_without_known_white(tmp_path: Path, kind: str) -> None:
    Image.new(kind, (3, 2)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif has 32 bits"):
        read_grey(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif has 32 bits"):
        look(tmp_path / "a.tif")


def test_palette_alpha_and_bilevel_are_resolved(tmp_path: Path) -> None:
    colour = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    Image.fromarray(colour).quantize(4).save(tmp_path / "palette.png")
    Image.fromarray(colour).convert("RGBA").save(tmp_path / "alpha.png")
    Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1").save(tmp_path / "bilevel.png")
    np.testing.assert_array_equal(read_pixels(tmp_path / "palette.png"), colour)
    np.testing.assert_array_equal(read_pixels(tmp_path / "alpha.png"), colour)
    np.testing.assert_array_equal(read_pixels(tmp_path / "bilevel.png"), [[0, 255]])


def test_the_orientation_of_the_camera_is_applied(tmp_path: Path, noise: Noise) -> None:
    image = Image.fromarray(noise(2, (16, 32)))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    image.save(tmp_path / "a.jpg", exif=exif)
    assert read_grey(tmp_path / "a.jpg").shape == (32, 16)
    assert look(tmp_path / "a.jpg").size == (32, 16)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int32", "float32"])
def test_a_range_says_what_is_black_and_white(tmp_path: Path, kind: str) -> None:
    values = np.array([[3, 20, 45, 70, 254]], kind)
    Image.fromarray(values).save(tmp_path / "a.tif")
    expected = np.clip((values.astype(float) - 20) / 50 * 255, 0, 255)
    np.testing.assert_allclose(read_grey(tmp_path / "a.tif", ValueRange(20, 70)), expected, rtol=1e-6)


def test_a_range_holds_for_every_channel(tmp_path: Path, noise: Noise, write: Write) -> None:
    path = write(tmp_path / "a.png", pixels := noise(9, (4, 5, 3)))
    expected = np.clip((pixels - 40.0) * 5.1, 0, 255)
    np.testing.assert_allclose(read_pixels(path, ValueRange(40, 90)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("kind", "within"), [("uint8", ValueRange(0, 255)), ("uint16", ValueRange(0, 65535))])
def test_the_full_range_is_what_holds_without_one(tmp_path: Path, kind: str, within: ValueRange) -> None:
    values = np.random.default_rng(1).integers(0, np.iinfo(kind).max, (9, 9), dtype=kind, endpoint=True)
    Image.fromarray(values).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_grey(tmp_path / "a.png", within), read_grey(tmp_path / "a.png"))


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[1, np.nan]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif is damaged.*not finite"):
        read_grey(tmp_path / "a.tif", ValueRange(0, 40))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.png; there is none"):
        read_grey(tmp_path / "nothing.png")


@pytest.mark.parametrize("suffix", ALL)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_named(tmp_path: Path, suffix: str, share: float, noise: Noise, write: Write) -> None:
    path = write(tmp_path / f"cut.{suffix}", noise(4, (64, 64, 3)))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    for read in (read_grey, look):
        with pytest.raises(UserError, match=rf"cut\.{suffix} is damaged"):
            read(path)


def test_a_text_that_is_called_an_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not an image")
    with pytest.raises(UserError, match=r"a\.png is damaged or not an image"):
        read_grey(tmp_path / "a.png")


_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\n(hello) show\n%%EOF\n"


@pytest.mark.parametrize("kind", ["EPS", "GIF", "WEBP", "PPM", "AVIF", "ICO"])
def test_a_kind_that_nobody_asked_for_is_not_decoded(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow has Ghostscript run for EPS, whatever the file is called."""
    monkeypatch.setattr(subprocess, "Popen", None)
    path = tmp_path / "a.png"
    if kind == "EPS":
        path.write_bytes(_EPS)
    else:
        Image.new("RGB", (20, 20)).save(path, format=kind)
    for read in (read_grey, look):
        with pytest.raises(UserError, match=r"a\.png is damaged or not an image .*: expected PNG, JPEG, BMP, TIFF; "):
            read(path)


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (2**31 - 1, 2**31 - 1), (10_001, 10_000)])
def test_a_header_that_promises_too_much_is_refused_before_it_takes_memory(
    tmp_path: Path, width: int, height: int
) -> None:
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b""))
    parts = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    with pytest.raises(UserError, match=r"a\.png has .* pixels: expected at most 100000000|exceeds limit"):
        read_grey(tmp_path / "a.png")


@pytest.mark.filterwarnings("error")
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_whatever_is_damaged(data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(ALL))
    content = bytearray(_sample(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 300) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(UserError):
        path = Path(folder, f"a.{suffix}")
        path.write_bytes(content)
        read_grey(path)


@functools.cache
def _sample(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{suffix}")
        Image.fromarray(np.arange(1024, dtype=np.uint32).astype(np.uint8).reshape(32, 32)).save(path)
        return path.read_bytes()


def test_damage_inside_a_png_is_found(tmp_path: Path, noise: Noise, write: Write) -> None:
    path = write(tmp_path / "a.png", noise(5, (64, 64)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.png is damaged"):
        look(path)


def test_luma_is_the_formula_of_bt601(noise: Noise) -> None:
    colour = noise(6, (40, 50, 3))
    expected = colour.astype(np.float64) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(luma(colour), expected, rtol=1e-6)
    pillow = np.asarray(Image.fromarray(colour).convert("L"), np.float64)
    assert np.abs(luma(colour) - pillow).max() <= 0.51


def test_chroma_is_the_one_of_jpeg_with_its_axes_exchanged(noise: Noise) -> None:
    colour = noise(7, (40, 50, 3))
    cr, cb = chroma(colour)
    pillow = np.asarray(Image.fromarray(colour).convert("YCbCr"), np.float64)
    assert np.abs(np.clip(cr, 0, 255) - pillow[..., 2]).max() < 1.1  # Pillow cuts off
    assert np.abs(np.clip(cb, 0, 255) - pillow[..., 1]).max() < 1.1


def test_chroma_of_grey_is_in_the_middle() -> None:
    np.testing.assert_allclose(chroma(np.full((2, 3, 3), 77.0)), 128, atol=1e-4)


@given(arrays(np.float32, (3, 4), elements=st.floats(-20, 280, width=32)))
def test_png_rounds_and_clips(image: np.ndarray) -> None:
    read = np.asarray(Image.open(io.BytesIO(png(image))))
    np.testing.assert_array_equal(read, np.clip(np.rint(image), 0, 255))


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_png_keeps_bytes_as_they_are(tmp_path: Path, shape: tuple[int, ...], noise: Noise) -> None:
    write_png(tmp_path / "a.png", pixels := noise(8, shape))
    np.testing.assert_array_equal(read_pixels(tmp_path / "a.png"), pixels)


def test_png_refuses_what_is_no_image() -> None:
    with pytest.raises(ValueError, match=r"got \(2, 3, 4\)"):
        png(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="finite"):
        png(np.array([[np.nan]]))


@pytest.mark.shared
@pytest.mark.parametrize(("inputs", "folder"), [("roadscene_mean", "roadscene/test"), ("tno_authors", "tno/test")])
def test_rounded_grey_is_what_the_evaluator_of_the_field_reads(shared: Path, inputs: str, folder: str) -> None:
    with open(shared / "oracle" / f"inputs_{inputs}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for kind in ("ir", "vi"):
            (path,) = (shared / "data" / folder / kind).glob(f"{row['name']}.*")
            grey = np.rint(read_grey(path)).astype(np.uint8)
            assert grey.shape == (int(row["H"]), int(row["W"]))
            assert f"{zlib.crc32(grey.tobytes()):08x}" == row[f"{kind}_crc"], path
    assert len(rows) >= 3
