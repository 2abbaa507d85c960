"""The storage in an object store: a server on loopback that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from assay.config.errors import UserError
from assay.store.files import Files
from assay.store.store import STAGES, Store
from tests.faults.conftest import Command, end_all_in, kept

FP = 32 * "1"

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Host and port of a server with a bucket named `bucket`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        place = "{}:{}".format(*server.get_host_and_port())
        fs.S3FileSystem(
            endpoint_override=place, scheme="http", region="us-east-1", allow_bucket_creation=True
        ).create_dir("bucket")
        yield place
        server.stop()


@pytest.fixture
def storage(endpoint: str, tmp_path: Path) -> str:
    """A place of its own in the bucket, as `storage=` takes it."""
    return f"s3://bucket/{tmp_path.name}?endpoint_override={endpoint}&scheme=http&region=us-east-1"


def test_files_in_an_object_store(storage: str) -> None:
    files = Files(storage)
    files.check()
    files.write("a/b/one", b"1" * 7_000_000)  # more than one part of an upload
    files.write("a/two", b"2")
    files.write("a/two", b"22")
    files.write("empty", b"")
    assert (len(files.read("a/b/one")), files.read("a/two"), files.read("empty")) == (7_000_000, b"22", b"")
    assert files.list("a") == ["a/b/one", "a/two"]
    assert (files.size("a/two"), files.size("no")) == (2, 0)
    assert (files.exists("a/two"), files.exists("a/b"), files.exists("no")) == (True, False, False)
    assert 0 <= files.age_s("a/two") < 3600
    files.delete("a/two")
    files.delete("a/two")
    files.delete_folder("a/b")
    assert files.list("a") == []
    with pytest.raises(FileNotFoundError):
        files.read("a/two")


def test_an_upload_that_was_not_finished_is_not_seen(storage: str) -> None:
    files = Files(storage)
    files.write("f", b"whole")
    system, base = fs.FileSystem.from_uri(storage)
    with system.open_output_stream(f"{base}/f") as unfinished:
        unfinished.write(b"half" * 3_000_000)
        assert files.read("f") == b"whole"
        assert files.list("") == ["f"]


def test_credentials_in_the_address_are_used_and_not_shown(
    storage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    store = Store(storage.replace("s3://", "s3://testing:hunter2@"))
    store.files.check()
    store.write(STAGES, FP, {"state": b"state"}, {})
    store.files.write(f"stages/{FP}/state", b"stale")
    assert store.find(STAGES, FP) is not None
    assert not store.verify(next(store.entries(STAGES)))
    assert store.files.root == storage.replace("s3://", "s3://***@")
    assert "put aside" in caplog.text
    assert "hunter2" not in caplog.text


def test_damage_in_an_object_store_is_put_aside(storage: str) -> None:
    store = Store(storage)
    entry = store.write(STAGES, FP, {"state": b"state"}, {})
    store.files.write(f"stages/{FP}/state", b"stale")
    assert not store.verify(entry)
    assert store.find(STAGES, FP) is None
    assert store.files.list("damaged") == [f"damaged/stages/{FP}/record.json", f"damaged/stages/{FP}/state"]


def test_a_bucket_that_is_not_there_is_one_line(endpoint: str) -> None:
    with pytest.raises(UserError, match=r"storage=s3://nobucket/.* cannot be written and read: "):
        Files(f"s3://nobucket/path?endpoint_override={endpoint}&scheme=http&region=us-east-1").check()


def test_an_ablation_with_an_object_store(storage: str, tmp_path: Path, undisturbed: Command) -> None:
    command = Command(tmp_path, storage)
    try:
        command.to_end()
        assert command.results.equals(undisturbed.results)
        before = kept(storage)
        assert before.records.keys() == kept(undisturbed.storage).records.keys()
        assert before.done == {}
        command.to_end()
        assert kept(storage) == before
        assert command.table == undisturbed.table
    finally:
        end_all_in(tmp_path)
