"""A `fuse` that was stopped, or whose disk was full, says how far it came, and the same command goes on from there."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.config.changes import apply
from smfnet.cli.fuse import main
from smfnet.config.model import ModelConfig
from smfnet.config.test_step import InferConfig
from smfnet.data.images import png, write_png
from smfnet.fusion import fuse_files
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.rules import fusion_of
from smfnet.model import build
from tests.documents import printed_document

CPU = torch.device("cpu")
NETWORK = apply(ModelConfig(), {"network.width": 4, "network.heads": 1, "graph.enabled": False})
WORDS = ("--weights=w.safetensors", "--ir=ir", "--vi=vi", "--output=out", "--device=cpu")
Capture = pytest.CaptureFixture[str]


def _rule(name: str) -> Fuser:
    return Fuser(name, *fusion_of(name, InferConfig()), CPU, rule=name)


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pairs, fused by their maximum."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for folder in ("ir", "vi"):
        Path(folder).mkdir()
        for stem in "abcd":
            Image.fromarray(rng.integers(0, 256, (20, 24), dtype=np.uint8)).save(f"{folder}/{stem}.png")
    Path("w.safetensors").write_bytes(b"")
    monkeypatch.setattr("smfnet.api.fuser_of", lambda *_: _rule("max"))


def _ending(monkeypatch: pytest.MonkeyPatch, after: int, error: BaseException) -> None:
    """So many images are written, and instead of the next one comes the error."""
    done = iter(range(after))

    def write(path: Path, *image: object) -> None:
        if next(done, None) is None:
            raise error
        write_png(path, *image)  # type: ignore[arg-type]

    monkeypatch.setattr(fuse_files, "write_png", write)


def _times() -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in sorted(Path("out").iterdir())}


def test_a_stop_says_how_far_it_came_and_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with monkeypatch.context() as patched:
        _ending(patched, 2, KeyboardInterrupt())
        assert main([*WORDS]) == 130
    assert capsys.readouterr().err == "stopped: 2 of 4 pairs are fused; the same command goes on\n"
    before = _times()
    assert [*before] == ["a", "b"]
    assert main([*WORDS, "--json"]) == 0
    document, _ = printed_document(capsys)
    assert document["written"] == ["out/c.png", "out/d.png"]
    assert document["result"]["kept"] == ["out/a.png", "out/b.png"]
    assert sorted(document["result"]["images"]) == [f"out/{stem}.png" for stem in "abcd"]
    assert {**_times(), **before} == _times()
    for stem in "abcd":
        ir, vi = (np.asarray(Image.open(f"{folder}/{stem}.png")) for folder in ("ir", "vi"))
        np.testing.assert_array_equal(np.asarray(Image.open(f"out/{stem}.png")), np.maximum(ir, vi))
    assert main([*WORDS]) == 0
    assert capsys.readouterr().out == "fused 0 pairs, 4 were fused already, with max: out\n"


def test_the_document_of_a_stop_names_what_is_there(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    _ending(monkeypatch, 2, KeyboardInterrupt())
    assert main([*WORDS, "--json"]) == 130
    document, _ = printed_document(capsys)
    assert document["written"] == ["out/a.png", "out/b.png"]
    assert document["error"]["message"].startswith("stopped: 2 of 4 pairs")


def test_a_stop_before_anything_is_fused_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    _ending(monkeypatch, 0, KeyboardInterrupt())
    assert main([*WORDS]) == 130
    assert capsys.readouterr().err == "stopped: 0 of 4 pairs are fused; the same command goes on\n"


def test_weights_are_written_last_so_that_a_stop_keeps_no_command_from_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Fuser, "packed", lambda self: b"weights")
    with monkeypatch.context() as patched:
        _ending(patched, 1, KeyboardInterrupt())
        assert main([*WORDS, "--save-weights=s.safetensors"]) == 130
    assert not Path("s.safetensors").exists()
    assert main([*WORDS, "--save-weights=s.safetensors"]) == 0
    assert Path("s.safetensors").read_bytes() == b"weights"


def test_a_full_disk_in_the_middle_says_how_many_are_fused(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "out/b.png")
    with monkeypatch.context() as patched:
        _ending(patched, 1, full)
        assert main([*WORDS, "--json"]) == 1
    document, err = printed_document(capsys)
    assert "error: No space left on device: out/b.png; 1 of 4 pairs are fused: out\n" in err
    assert document["written"] == document["result"]["images"] == ["out/a.png"]
    assert main([*WORDS]) == 0
    assert [*_times()] == [*"abcd"]


def test_a_disk_that_is_full_from_the_first_image_on_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    _ending(monkeypatch, 0, OSError(errno.ENOSPC, "No space left on device", "out/a.png"))
    assert main([*WORDS]) == 2
    assert capsys.readouterr().err == "error: No space left on device: out/a.png\n"


def _edited() -> None:
    image = Image.open("out/a.png")
    mark = image.info["smfnet-fused"]
    pixels = np.array(image)
    pixels[3, 4] ^= 1
    Path("out/a.png").write_bytes(png(pixels, {"smfnet-fused": mark}))


def _other_source() -> None:
    pixels = np.array(Image.open("ir/a.png"))
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save("ir/a.png")


def _unmarked() -> None:
    Path("out/a.png").write_bytes(png(np.asarray(Image.open("out/a.png"))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_edited, ()),
        (_other_source, ()),
        (_unmarked, ()),
        (lambda: Path("out/a.png").write_bytes(b"no image"), ()),
        (lambda: None, ("--ir-range=0:200",)),
    ],
)
def test_what_is_not_the_very_image_is_never_taken_for_it(
    change: Callable[[], None], words: tuple[str, ...], capsys: Capture
) -> None:
    assert main([*WORDS]) == 0
    change()
    before = Path("out/a.png").read_bytes()
    assert main([*WORDS, *words]) == 2
    assert "out/a.png is there already" in capsys.readouterr().err
    assert Path("out/a.png").read_bytes() == before
    assert main([*WORDS, *words, "--force"]) == 0
    assert Path("out/a.png").read_bytes() != before


def test_an_image_of_another_rule_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([*WORDS]) == 0
    monkeypatch.setattr("smfnet.api.fuser_of", lambda *_: _rule("mean"))
    assert main([*WORDS]) == 2


def test_what_decides_an_image_is_in_its_maker_and_an_unknown_one_has_none() -> None:
    networks = [build(NETWORK, seed=seed) for seed in (1, 1, 2)]
    same, again, other = (Fuser("ours", each.fuse, InferConfig(), CPU, model=NETWORK) for each in networks)
    turned = Fuser("ours", networks[0].fuse, InferConfig(colour="grey"), CPU, model=NETWORK)
    assert same.maker == again.maker
    assert len({each.maker for each in (same, other, turned, _rule("max"), _rule("mean"))}) == 5
    assert Fuser("ours", networks[0].fuse, InferConfig(), CPU).maker is None
    assert Fuser("the larger of both", torch.maximum, InferConfig(), CPU).maker is None
