"""Images that would arrive as next to nothing are named, so is one that stands for both modalities; no other is."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.config.value_range import ValueRange
from smfnet.data import check, ranges_in_values
from smfnet.data.folder import FilePair, pairs_in
from smfnet.data.images import read_pixels
from smfnet.data.sources import check_sources, check_two_folders, look

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
COUNTS = 7200 + np.arange(24 * 32).reshape(24, 32) % 727  # 7200..7926, as a thermal camera gives them


@pytest.fixture
def pair(tmp_path: Path, noise: Noise, write: Write) -> FilePair:
    ir, vi = write(tmp_path / "ir" / "a.png", noise(1)), write(tmp_path / "vi" / "a.png", noise(2, (24, 32, 3)))
    return FilePair("a", ir, vi)


def counts(top: int, shape: tuple[int, int] = (200, 100)) -> np.ndarray:
    """Every value up to `top`, as far as there is room."""
    values: np.ndarray = np.linspace(0, top, shape[0] * shape[1]).astype(np.uint16).reshape(shape)
    return values


def test_counts_in_sixteen_bits_are_refused_with_the_ranges_that_would_do(pair: FilePair, write: Write) -> None:
    write(pair.ir, COUNTS.astype(np.uint16))
    assert len(np.unique(np.rint(read_pixels(pair.ir)))) == 4
    with pytest.raises(UserError) as caught:
        check_sources([pair])
    told = str(caught.value)
    assert f"{pair.ir} would be left with 4 of 256 grey levels" in told
    assert "7200..7926 fill 1.1 % of 0..65535" in told
    for remedy in ("7200:7926", "0.1%:99.9%", "0:65535"):
        assert f"data.ir_range={remedy}" in told
        assert ValueRange.parse(remedy, "data.ir_range")
    assert "\n" not in told


def test_the_range_that_is_proposed_holds_all_images_of_the_set(pair: FilePair, tmp_path: Path, write: Write) -> None:
    write(pair.ir, COUNTS.astype(np.uint16))
    other = replace(pair, ir=write(tmp_path / "ir" / "b.png", (COUNTS + 40).astype(np.uint16)))
    with pytest.raises(UserError, match=r"a\.png .* --ir-range=7200:7966 as these images"):
        check_sources([pair, other], ("--ir-range", "--vi-range"))


@pytest.mark.parametrize("within", [ValueRange(7200, 7926), ValueRange(0, 65535), ValueRange(7000, 9000)])
def test_a_range_is_the_users_word(pair: FilePair, write: Write, within: ValueRange) -> None:
    write(pair.ir, COUNTS.astype(np.uint16))
    check_sources([replace(pair, ir_range=within)])


@pytest.mark.parametrize("top", [255, 1023, 4095, 16383])
def test_no_count_of_up_to_fourteen_bits_passes_for_grey(pair: FilePair, write: Write, top: int) -> None:
    write(pair.ir, counts(top))
    with pytest.raises(UserError, match="grey levels"):
        check_sources([pair])


@pytest.mark.parametrize("top", [18000, 32768, 65535])
def test_what_uses_more_levels_than_that_passes(pair: FilePair, write: Write, top: int) -> None:
    write(pair.ir, counts(top))
    check_sources([pair])


def test_a_flat_image_of_sixteen_bits_is_what_it_is(pair: FilePair, write: Write) -> None:
    for values in (np.full((24, 32), 7200), np.arange(24 * 32).reshape(24, 32) % 9 * 257):
        write(pair.ir, values.astype(np.uint16))
        check_sources([pair])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([(4, 5), (4, 5, 3)]).flatmap(lambda shape: arrays(np.uint8, shape)))
def test_no_image_of_eight_bits_is_refused(pair: FilePair, image: np.ndarray) -> None:
    Image.fromarray(image).save(pair.ir, compress_level=1)
    check_sources([pair])


def _png_of_sixteen_bits_a_channel(path: Path, values: np.ndarray) -> None:
    """Pillow writes none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 2, 0, 0, 0)
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def test_counts_in_colour_of_sixteen_bits_are_refused(pair: FilePair) -> None:
    values = np.random.default_rng(1).integers(0, 4096, (24, 32, 3))
    _png_of_sixteen_bits_a_channel(pair.vi, values)
    with pytest.raises(
        UserError, match=r"vi/a\.png .*left with 1\d of 256.*no value is above 16383.*save it with 8 bits"
    ):
        check_sources([pair])
    _png_of_sixteen_bits_a_channel(pair.vi, values * 16)
    check_sources([pair])
    with pytest.raises(UserError, match=r"vi/a\.png: of colour with 16 bits the upper 8 are read"):
        read_pixels(pair.vi, ValueRange(0, 4095))


def test_a_range_beside_all_values_is_refused(pair: FilePair) -> None:
    for within in (ValueRange(7200, 7926), ValueRange(-40, 0)):
        with pytest.raises(UserError, match=rf"ir/a\.png has values \d+\.\.\d+, none of them within {within}"):
            check_sources([replace(pair, ir_range=within)])


def test_one_image_as_both_modalities_is_named(pair: FilePair, noise: Noise, write: Write) -> None:
    write(pair.vi, np.repeat(noise(1)[..., None], 3, axis=2))  # grey, saved with three channels
    other = replace(pair, vi=pair.ir)
    with pytest.raises(UserError, match=rf"{pair.ir} and {pair.vi} hold one image \(and 1 more such pairs\)"):
        check_sources([pair, other])


def test_a_link_to_the_other_modality_is_one_image(pair: FilePair) -> None:
    pair.vi.unlink()
    pair.vi.symlink_to(pair.ir)
    with pytest.raises(UserError, match="hold one image"):
        check_sources([pair])


def test_two_black_images_are_two(pair: FilePair, write: Write) -> None:
    """Slices at the end of a medical volume are."""
    for path in (pair.ir, pair.vi):
        write(path, np.zeros((24, 32), np.uint8))
    check_sources([pair])


def test_one_folder_is_found_through_links(pair: FilePair, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(pair.ir.parent, target_is_directory=True)
    for other in (pair.ir.parent, tmp_path / "link", tmp_path / "vi" / ".." / "ir"):
        with pytest.raises(UserError, match="--ir and --vi are one folder"):
            check_two_folders(pair.ir.parent, other, ("--ir", "--vi"))
    check_two_folders(pair.ir.parent, pair.vi.parent)
    check_two_folders(tmp_path / "nothing", tmp_path / "nothing")  # said later, and better


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("kind", ["ir", "vi"])
def test_every_part_of_a_data_set_is_looked_at(config: DataConfig, part: str, kind: str, write: Write) -> None:
    name = "a" if part == "train" else "x"
    write(Path(str(config.root)) / part / kind / f"{name}.png", COUNTS.astype(np.uint16))
    with pytest.raises(UserError, match=rf"{part}/{kind}/{name}\.png .*data\.{kind}_range=7200:7926"):
        check(config)


def test_one_folder_for_both_modalities_of_a_data_set(config: DataConfig) -> None:
    with pytest.raises(UserError, match=r"data\.ir and data\.vi are one folder"):
        check(replace(config, vi="ir"))


@dataclass(frozen=True)
class Set:
    """A folder of real pairs."""

    folder: str
    ir: str = "ir"
    vi: str = "vi"


REAL = (
    *(Set("roadscene/train"), Set("roadscene/test"), Set("msrs/train"), Set("msrs/test")),
    *(Set("tno/test"), Set("m3fd/test"), Set("vifb/test")),
    *(Set(f"harvard/{kind}/{part}", kind, "mri") for kind in ("ct", "pet", "spect") for part in ("train", "test")),
)


@pytest.mark.shared
@pytest.mark.parametrize("real", REAL, ids=lambda real: real.folder)
def test_no_real_pair_is_refused(shared: Path, real: Set) -> None:
    folder = shared / "data" / real.folder
    check_two_folders(folder / real.ir, folder / real.vi)
    assert check_sources(pairs_in(folder, real.ir, real.vi))


@pytest.mark.shared
def test_no_fused_image_is_refused(shared: Path) -> None:
    for path in (shared / "data" / "fused").rglob("*.png"):
        assert look(path).levels is None


@pytest.mark.shared
def test_a_training_set_of_raw_counts_is_told_its_cause(shared: Path) -> None:
    raw = DataConfig(source="folder", root=str(shared / "cases" / "thermal14_set"), val_pairs=0)
    with pytest.raises(UserError, match=r"4 of 256.*7200\.\.7965 fill 1\.2 % .*data\.ir_range=7200:7965") as caught:
        check(raw)
    assert "drop_low_contrast" not in str(caught.value)
    for asked, meant in (("7200:7965", None), ("0%:100%", "7200:7965")):
        ranged = replace(raw, ir_range=asked)
        check(ranged)
        assert ranges_in_values(ranged).get("data.ir_range") == meant
    with pytest.raises(UserError, match=r"data\.ir and data\.vi are one folder"):
        check(replace(raw, vi="ir"))
