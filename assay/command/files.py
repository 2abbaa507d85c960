"""The files that decide what a command gives, by their content, as they were when the run was planned."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path

from assay.config.errors import UserError, one_line

__all__ = ["DecidingFiles"]

_MOST_SCRIPTS = 5000
_SKIPPED = {"__pycache__", "site-packages", "node_modules"}

_known: dict[tuple[str, int, int, int, int], str] = {}  # a file that nobody has touched is read once a process


class DecidingFiles:
    """Every `*.py` below a folder, the files that patterns name, and those that are words of a command.

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
        names = {*self.listed, *self._in(words)}
        return {name: self.planned.get(name) or self._noted(name) for name in sorted(names)}

    def changed(self, words: Iterable[str]) -> str | None:
        """The first file that is not as it was planned: changed, gone, or new."""
        planned = self.hashes(words)
        try:
            now = {*self._scripts(), *self._in(words)}
        except UserError as error:
            return str(error)
        return next((name for name in sorted({*now, *planned}) if _now(self.folder / name) != planned.get(name)), None)

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
        """Words that are files, `--config=FILE` too; the program itself if it lies in the folder."""
        for place, word in enumerate(words):
            for text in {word, word.partition("=")[2]} - {""}:
                path = Path(os.path.normpath(self.folder / text))
                if _is_file(path) and (place or path.is_relative_to(self.folder)):
                    yield os.path.relpath(path, self.folder)


def _is_foreign(folder: Path) -> bool:
    """Whether it holds code of others: an environment, a hidden folder, what Python leaves behind."""
    return folder.name in _SKIPPED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
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
