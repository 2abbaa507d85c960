"""`--json` of SMFNet's own commands."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from smfnet.cli import conventions, data, evaluate, fuse, gallery
from smfnet.config.metrics import METRICS
from smfnet.config.test_step import InferConfig
from smfnet.fusion.fuse import Fuser
from tests.documents import printed_document


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pairs with the images of two methods."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for folder in ("ir", "vi", "one", "two"):
        Path(folder).mkdir()
        for stem in "ab":
            Image.fromarray(rng.integers(0, 256, (40, 44), dtype=np.uint8)).save(f"{folder}/{stem}.png")
    return tmp_path


def test_evaluate_gives_means_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--ir=ir", "--vi=vi", "--fused", "One=one", "Two=two", "--against=One", "--csv=v.csv", "--metrics=SD,MSE"]
    assert evaluate.main([*words, "--workers=1", "--json"]) == 0
    document = printed_document(capsys)[0]
    assert document["written"] == ["v.csv"]
    means = {(each["method"], each["metric"]): each for each in document["result"]["means"]}
    expected = np.mean([np.asarray(Image.open(f"two/{stem}.png"), dtype=float).std() for stem in "ab"])
    assert means["Two", "SD"]["mean"] == pytest.approx(expected, rel=1e-6)
    assert means["One", "SD"]["verdict"] == ""
    assert means["Two", "SD"]["verdict"] == "not resolved"  # two images have no spread that is known
    assert means["Two", "SD"]["low"] is None


def test_evaluate_on_a_disk_that_fills_up_names_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "v.tex")

    monkeypatch.setattr("assay.evidence.tables.methods.methods_latex", full)
    words = ["--ir=ir", "--vi=vi", "--fused=one", "--metrics=SD", "--workers=1", "--csv=v.csv", "--markdown=v.md"]
    assert evaluate.main([*words, "--latex=v.tex", "--json"]) == 1
    document, err = printed_document(capsys)
    assert document["written"] == ["v.csv", "v.md"]
    assert "error: No space left on device: v.tex" in err
    assert [each["metric"] for each in document["result"]["means"]] == ["SD"]


def test_evaluate_of_one_method_gives_its_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main(["--ir=ir", "--vi=vi", "--fused=one", "--workers=1", "--json"]) == 0
    means = printed_document(capsys)[0]["result"]["means"]
    assert [each["metric"] for each in means] == list(METRICS)


def test_gallery_names_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--ir=ir", "--vi=vi", "--fused", "One=one", "--output=g.html", "--metrics=SD", "--workers=1"]
    assert gallery.main([*words, "--json"]) == 0
    document = printed_document(capsys)[0]
    assert document["written"] == ["g.html"]
    assert sorted(document["result"]["scenes"]) == ["a", "b"]


def test_conventions_gives_every_candidate(capsys: pytest.CaptureFixture[str]) -> None:
    assert conventions.main(["--fused=one", "--ir=ir", "--vi=vi", "--row", "EN=2.5", "--json"]) == 0
    result = printed_document(capsys)[0]["result"]
    (metric,) = result["metrics"]
    assert (metric["metric"], metric["printed"], result["images"]) == ("EN", 2.5, 2)
    assert not any(each["fits"] for each in metric["candidates"])


def test_data_lists_lays_out_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(21):
        for kind in ("IR", "VI"):
            path = Path("VIFB/input", kind, f"{number:02}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((24, 32), 10 * number, dtype=np.uint8)).save(path)
    assert data.main(["list", "--root=.", "--json"]) == 0
    sets = {each["name"]: each for each in printed_document(capsys)[0]["result"]["sets"]}
    assert sets["msrs"]["folder"] is None
    assert sets["vifb"]["folder"] == "VIFB"
    assert data.main(["layout", "vifb", "--json"]) == 0
    places = printed_document(capsys)[0]["result"]["places"]
    assert any((each["ir"], each["vi"], each["pairs"]) == ("input/IR", "input/VI", 21) for each in places)
    Path("VIFB/input/IR/03.png").unlink()
    assert data.main(["check", "vifb", "--root=.", "--quick", "--json"]) == 1
    document = printed_document(capsys)[0]
    assert not document["result"]["whole"]
    assert any(each["kind"] == "missing" and "03" in each["words"] for each in document["result"]["findings"])


def test_fuse_names_its_images_and_what_it_passed_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = Fuser("the larger of both", torch.maximum, InferConfig(), torch.device("cpu"))
    monkeypatch.setattr("smfnet.api.fuser_of", lambda *_: larger)
    Path("w.safetensors").write_bytes(b"")
    Path("ir/c.png").write_bytes(b"no image")
    Path("vi/c.png").write_bytes(b"no image")
    words = ["--weights=w.safetensors", "--ir=ir", "--vi=vi", "--output=out", "--device=cpu"]
    assert fuse.main([*words, "--json"]) == 1
    document, err = printed_document(capsys)
    assert document["result"]["images"] == ["out/a.png", "out/b.png"]
    assert "c.png" in document["result"]["passed_over"][0]
    assert "passed over: " in err
