"""What is kept of a command's output: one zip file, equal for equal content, of which only asked-for names are read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assay.config.errors import UserError
from assay.config.reading import MIB, read_file
from assay.store.received.inside import inside

__all__ = ["LOG", "MADE_WITH", "file_in", "kept", "read_metrics"]

LOG, MADE_WITH = "log.txt", "made_with.json"  # beside the files of the output, which lie below `output/`
_OUTPUT = "output/"
_MOST_METRICS = 256 * MIB
_MOST_KEPT = 1024 * MIB
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def kept(output: Path, metrics: Mapping[str, bytes], patterns: Iterable[str], log: bytes, made_with: str) -> bytes:
    """What is stored of a training.

    Args:
        output: folder of the command.
        metrics: name -> content of the metrics files in it.
        patterns: of further files in it.
        log: what the command printed.
        made_with: its interpreter and packages, as JSON.
    """
    left_out: list[str] = []
    others = dict(_kept_files(output, patterns, left_out))
    log += "".join(f"\n[{line}]" for line in left_out).encode()
    files = {_OUTPUT + name: data for name, data in {**others, **metrics}.items()}
    return _packed({LOG: log, MADE_WITH: made_with.encode(), **files})


def _packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def file_in(archive: bytes, name: str) -> bytes:
    """A file of the output, out of an archive.

    Raises:
        ValueError: the archive is damaged, lacks it, or it is far too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            about = opened.getinfo(_OUTPUT + name)
            if about.file_size > _MOST_METRICS:
                raise ValueError(f"{name}: expected at most {_MOST_METRICS // MIB} MiB")
            return opened.read(about)
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"what is stored of the output has no {name} that can be read") from error


def read_metrics(output: Path, name: str) -> bytes:
    """A metrics file that a command has written.

    Raises:
        ValueError: there is none in its output, or none that can be read; one line.
    """
    try:
        return read_file(inside(output, name), _MOST_METRICS)
    except FileNotFoundError:
        there = sorted(path.name for path in output.iterdir())[:8]
        raise ValueError(
            f"the command wrote no {name} into {{output}}; {'there is ' + ', '.join(there) if there else 'it is empty'}"
        ) from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{name} cannot be read: {error}") from error


def _kept_files(output: Path, patterns: Iterable[str], left_out: list[str]) -> Iterator[tuple[str, bytes]]:
    """The files of the output that patterns name, as long as there is room; others get a line in `left_out`."""
    room = _MOST_KEPT
    paths = {path for pattern in patterns for path in output.glob(pattern) if path.is_file()}
    for path in sorted(paths):
        name = path.relative_to(output).as_posix()
        try:
            data = read_file(inside(output, name), room)
        except (OSError, ValueError, UserError) as error:
            left_out.append(f"keep: {name} is not kept: {error}")
            continue
        room -= len(data)
        yield name, data
