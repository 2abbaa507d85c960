"""A folder in a zip file: the same bytes for the same content, and nothing that leads elsewhere or grows."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.store.received.packed import MANIFEST, pack, unpack

FILES = {"run.json": b"{}", "results/ours-seed1.parquet": b"\x00\x01", "store/stages/" + 32 * "a" + "/x": b"weights"}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "run.zip"
    assert pack(path, "table5", FILES.items(), {"weights": ["ours-seed1"]}) == len(FILES)
    return path


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_goes_in_comes_out(packed: Path, tmp_path: Path) -> None:
    folder = unpack(packed, tmp_path / "there")
    assert folder == tmp_path / "there" / "table5"
    found = _content(folder)
    about = json.loads(found.pop(MANIFEST))
    assert found == FILES
    assert about["weights"] == ["ours-seed1"]
    assert about["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    assert os.listdir(tmp_path / "there") == ["table5"]


def test_any_program_unpacks_it(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "other")
    assert _content(tmp_path / "other" / "table5").keys() == {*FILES, MANIFEST}
    assert stat.S_IMODE((tmp_path / "other/table5/run.json").stat().st_mode) & 0o400


def test_the_same_content_gives_the_same_bytes(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    other = tmp_path / "other.zip"
    pack(other, "table5", FILES.items(), {"weights": ["ours-seed1"]})
    assert other.read_bytes() == packed.read_bytes()


def test_nothing_is_left_of_a_file_that_cannot_be_finished(tmp_path: Path) -> None:
    def files() -> object:
        yield "a", b"1"
        raise UserError("the second is gone")

    with pytest.raises(UserError, match="the second is gone"):
        pack(tmp_path / "run.zip", "x", files(), {})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def _forged(path: Path, change: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        change(archive)
    return path


def _link(archive: zipfile.ZipFile) -> None:
    about = zipfile.ZipInfo("table5/link")
    about.create_system, about.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(about, "/etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("table5/zeros", bytes(2**25), zipfile.ZIP_DEFLATED)
    archive.infolist()[-1].compress_size //= 2  # what deflates best does so to a thousandth


def _another_way(archive: zipfile.ZipFile) -> None:
    archive.writestr("table5/zeros", bytes(2**25), zipfile.ZIP_BZIP2)


NAMES = (
    *("../outside", "table5/../../outside", "/outside", "table5//outside", "table5/./x", "other/x", "x", "table5/ "),
    *(
        "table5/..",
        "table5\\..\\outside",
        "C:/x",
        "table5/a?b",
        "table5/\x1b[31m",
        "table5/RUN.JSON",
        "table5/a/b/c/d/e/f",
    ),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_leads_elsewhere_or_is_no_file_of_a_run_is_refused(packed: Path, tmp_path: Path, name: str) -> None:
    forged = _forged(packed, lambda archive: archive.writestr(name, b"x"))
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UserError, match=r"run\.zip is damaged, or no exported run: ") as error:
        unpack(forged, tmp_path / "there")
    assert "\x1b" not in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_link, "is no file, but a link"),
        (_bomb, "would grow out of all proportion"),
        (_another_way, "is packed in another way"),
        (lambda archive: archive.writestr("table5/more", b"x"), "has more than its list"),
    ],
)
def test_links_bombs_and_what_no_list_names_are_refused(
    packed: Path, tmp_path: Path, change: Callable[[zipfile.ZipFile], None], why: str
) -> None:
    with pytest.raises(UserError, match=why):
        unpack(_forged(packed, change), tmp_path / "there")
    assert not (tmp_path / "there").exists() or list((tmp_path / "there").iterdir()) == []


def test_a_file_under_another_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("r/run.json", b"{}")
        archive.writestr(f"r/{MANIFEST}", json.dumps({"format": 1, "files": {"run.json": 64 * "0"}}))
    with pytest.raises(UserError, match=r"run\.json does not match its checksum"):
        unpack(path, tmp_path)


@pytest.mark.parametrize(
    "said", [b"[]", b"{}", b"not json", b'{"format": 1, "files": []}', b'{"format": "x", "files": {}}']
)
def test_a_list_that_is_none_is_one_line(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"r/{MANIFEST}", said)
    with pytest.raises(UserError) as error:
        unpack(path, tmp_path)
    assert "\n" not in str(error.value)


def test_a_later_format_says_so(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"r/{MANIFEST}", json.dumps({"format": 2, "files": {}}))
    with pytest.raises(UserError, match="newer version: update assay"):
        unpack(path, tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip file", b"PK\x05\x06" + 18 * b"\0"])
def test_what_is_no_zip_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.zip").write_bytes(content)
    with pytest.raises(UserError, match=r"run\.zip is damaged, or no exported run"):
        unpack(tmp_path / "run.zip", tmp_path / "there")


def test_a_zip_file_of_something_else_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        archive.writestr("photos/a.jpg", b"x")
    with pytest.raises(UserError, match=r"is no exported run: expected a zip file with export\.json"):
        unpack(tmp_path / "run.zip", tmp_path)


def test_what_is_there_stays(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "table5").mkdir()
    (tmp_path / "table5" / "mine").write_text("years of work")
    with pytest.raises(UserError, match="is there already"):
        unpack(packed, tmp_path)
    assert os.listdir(tmp_path / "table5") == ["mine"]


@given(st.data())
def test_no_damaged_byte_gets_through(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """It is refused in one line, or the byte was one of no meaning and all is as it went in."""
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / "run.zip"
    pack(path, "table5", FILES.items(), {})
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        unpack(path, folder / "there")
    found = [_content(each) for each in (folder / "there").glob("*")]
    assert [{name: each for name, each in files.items() if name != MANIFEST} for files in found] in ([], [FILES])
