"""The files that decide what a command gives, by their content, as they were when the run was planned."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path

from assay.config.errors import UserError, one_line

__all__ = ["DecidingFiles"]

_MOST_SCRIPTS = 5000
_MOST_DATA, _MOST_BYTES = 5000, 2**30  # below a folder that is a word
_SKIPPED = {"__pycache__", "site-packages", "node_modules"}

_known: dict[tuple[str, int, int, int, int], str] = {}  # a file that nobody has touched is read once a process


class DecidingFiles:
    """Every `*.py` below a folder, the files that patterns name, and those that are words of a command, or below one.

    A folder into which a pattern leads is not looked through: the pattern says which of its files decide. Neither is
    one that holds the study.

    Args:
        folder: of the study.
        patterns: of further files, relative to it.
        planned: name -> hash; what is asked for first is added.
        listed: names of the files that always count, if the run was planned elsewhere.
    """

    def __init__(
        self,
        folder: Path,
        patterns: Iterable[str],
        planned: MutableMapping[str, str],
        listed: list[str] | None = None,
    ) -> None:
        self.folder, self.patterns, self.planned, self._listed = folder, tuple(patterns), planned, listed
        self._looked_through: dict[Path, list[str]] = {}

    @property
    def listed(self) -> list[str]:
        """Names of the files that always count, as they were when they were first asked for."""
        if self._listed is None:
            self._listed = self._scripts()
        return self._listed

    def hashes(self, words: Iterable[str]) -> dict[str, str]:
        """Name -> hash of what decides a command with these words, as it was planned.

        Raises:
            UserError: a file cannot be read, or a pattern names none.
        """
        return self._hashed({*self.listed, *self._in(words)})

    def words(self, words: Iterable[str]) -> dict[str, str]:
        """The same of what is named by these words alone.

        Raises:
            UserError: a file cannot be read, or a folder holds too much.
        """
        return self._hashed(set(self._in(words)))

    def _hashed(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self.planned.get(name) or self._noted(name) for name in sorted(names)}

    def changed(self, words: Sequence[str], planned: Mapping[str, str]) -> str | None:
        """What became of the first file that is not as it was planned: changed, gone, or new.

        Args:
            words: of the command.
            planned: what `hashes` said of them.
        """
        self._looked_through.clear()
        try:
            now = {*self._scripts(), *self._in(words)}
        except UserError as error:
            return str(error)
        for name in sorted({*now, *planned}):
            if name not in planned:
                return f"{name}, which would decide the results, was written"
            if _now(self.folder / name) != planned[name]:
                return f"{name} was changed"
        return None

    def _noted(self, name: str) -> str:
        found = _now(self.folder / name)
        if not found:
            raise UserError(f"{one_line(str(self.folder / name))} cannot be read: the results depend on it")
        self.planned[name] = found
        return found

    def _scripts(self) -> list[str]:
        names = []
        for name in self._below():
            names.append(name)
            if len(names) > _MOST_SCRIPTS:
                raise UserError(
                    f"{self.folder} holds more than {_MOST_SCRIPTS} Python files, which all count as the study's: "
                    "expected its YAML in a folder of its own"
                )
        for pattern in self.patterns:
            found = [path for path in self._matching(pattern) if path.is_file()]
            if not found:
                raise UserError(f"files: {pattern}: there is no such file in {self.folder}")
            names += [os.path.relpath(path, self.folder) for path in found]
        return names

    def _matching(self, pattern: str) -> Iterator[Path]:
        try:
            yield from self.folder.glob(pattern)
        except (NotImplementedError, ValueError) as error:
            raise UserError(f"files: {pattern}: expected a pattern below {self.folder}") from error

    def _below(self) -> Iterator[str]:
        for folder, inner, files in os.walk(self.folder):
            inner[:] = [name for name in inner if not _is_foreign(Path(folder, name))]
            yield from (os.path.relpath(Path(folder, name), self.folder) for name in files if name.endswith(".py"))

    def _in(self, words: Iterable[str]) -> Iterator[str]:
        """Words that are files, `--config=FILE` too, and what is below those that are folders; the program itself if it
        lies in the folder.
        """
        for place, word in enumerate(words):
            for text in {word, word.partition("=")[2]} - {""}:
                path = Path(os.path.normpath(self.folder / text))
                if _is(Path.is_file, path) and (place or path.is_relative_to(self.folder)):
                    yield os.path.relpath(path, self.folder)
                elif place and _is(Path.is_dir, path) and self._counts(path):
                    yield from self._data(path)

    def _counts(self, folder: Path) -> bool:
        """Whether what is below a folder decides: it does not hold the study, and no pattern leads into it."""
        name = os.path.relpath(folder, self.folder)
        chosen = any(os.path.normpath(pattern).startswith(name + os.sep) for pattern in self.patterns)
        return not chosen and not self.folder.is_relative_to(folder)

    def _data(self, folder: Path) -> list[str]:
        """What is below a folder, but not in hidden ones and the like.

        Raises:
            UserError: that is too much.
        """
        if folder in self._looked_through:
            return self._looked_through[folder]
        names, size = [], 0
        for place, inner, files in os.walk(folder):
            inner[:] = [name for name in inner if not _is_foreign(Path(place, name))]
            for path in (Path(place, name) for name in files):
                names.append(os.path.relpath(path, self.folder))
                size += path.stat().st_size if _is(Path.is_file, path) else 0
            if len(names) > _MOST_DATA or size > _MOST_BYTES:
                raise UserError(
                    f"{one_line(str(folder))}, a word of the command, holds more than {_MOST_DATA} files or "
                    f"{_MOST_BYTES // 2**30} GiB, which would all decide the results: name those that do, or a list of "
                    f"them, with files: [{one_line(os.path.relpath(folder, self.folder))}/...]"
                )
        found = self._looked_through[folder] = [name for name in names if _is(Path.is_file, self.folder / name)]
        return found


def _is_foreign(folder: Path) -> bool:
    """Whether it holds code of others: an environment, a hidden folder, what Python leaves behind."""
    return folder.name in _SKIPPED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except (OSError, ValueError):  # too long, or no path at all
        return False


def _now(path: Path) -> str:
    """Hash of a regular file; empty if there is none that can be read."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return ""
        key = (str(path), about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
        if key not in _known:
            with path.open("rb") as file:
                _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return _known[key]
    except OSError:
        return ""
