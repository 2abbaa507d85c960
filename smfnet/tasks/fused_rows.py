"""What rows of a run fuse, kept for networks to learn from: a folder for each network and each set of sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assay.config.errors import UserError
from assay.console.progress import each as each_shown
from smfnet.data.folder import FilePair
from smfnet.data.images import write_png
from smfnet.methods.named import Method
from smfnet.tasks.images import fused_by, fusers_of_run, sources_of

if TYPE_CHECKING:
    from assay.runs import Run
    from smfnet.fusion.fuse import Fuser

__all__ = ["FUSED", "FusedRow", "fused_rows"]

FUSED = Path("runs") / "fused"
Scenes = Mapping[str, Mapping[str, FilePair]]


@dataclass(frozen=True)
class FusedRow:
    """The images of a row.

    Attributes:
        method: its name, and the folder, which names what fuses and what is fused.
        fuser: the network of its first finished seed.
        scenes: part -> name -> pair, of those that are wanted.
    """

    method: Method
    fuser: Fuser
    scenes: Scenes

    @cached_property
    def missing(self) -> Mapping[Path, FilePair]:
        """File -> its scene, where that is not there, or not as this network made it of these files."""
        from smfnet.fusion.mark import is_marked

        files = self._files(self.method.place, ".png")
        return {file: pair for file, pair in files if not is_marked(file, self._maker, pair)}

    def fuse(self) -> None:
        """Make what is missing."""
        from smfnet.fusion.mark import KEY, mark_of

        for file, pair in each_shown(self.missing.items(), f"{self.method.name} fused", len(self.missing)):
            file.parent.mkdir(parents=True, exist_ok=True)
            image = fused_by(self.fuser, pair)
            write_png(file, image, {KEY: mark_of(self._maker, pair, image)})

    def standing_in(self, folder: Path) -> Method:
        """The method with links to the visible images in a folder: as many, and as large, as what is fused."""
        for file, pair in self._files(folder):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.symlink_to(pair.vi.resolve())
        return Method(self.method.name, folder)

    @property
    def _maker(self) -> str:
        return str(self.fuser.maker)

    def _files(self, folder: Path, suffix: str | None = None) -> Iterator[tuple[Path, FilePair]]:
        for part, scenes in self.scenes.items():
            for name, scene in scenes.items():
                yield folder / part / f"{name}{suffix or scene.vi.suffix}", sources_of(self.fuser, scene)


def fused_rows(run: Run, rows: Sequence[str], data: str, scenes: Scenes, parts: Sequence[str]) -> list[FusedRow]:
    """Rows of a run with the folders of what they fuse.

    Args:
        run: of SMFNet.
        rows: their names; none: the base alone.
        data: name of the data set.
        scenes: part -> name -> pair, of all parts: the folder is of all of them.
        parts: those that are wanted.

    Raises:
        UserError: no such row, its weights are not in the store, or it has none.
    """
    names, found = list(rows) or [run.record.base_row], []
    for row, fuser in zip(names, fusers_of_run(run, names, "rgb"), strict=True):
        if fuser.rule:
            raise UserError(f"--rows {row}: it needs no training, and every table has it: leave it out")
        (trial,) = (each for each in run.record.trials if each.row == row and each.seed == run.seeds(row)[0])
        folder = FUSED / f"{trial.id}-{_digest(fuser, scenes)}" / data
        method = Method(f"{row} (seed {trial.seed})", folder)
        found.append(FusedRow(method, fuser, {part: scenes[part] for part in parts}))
    return found


def _digest(fuser: Fuser, scenes: Scenes) -> str:
    """Of what fuses, and of the names and files of what is fused."""
    pairs = [(part, sources_of(fuser, scene)) for part, each in scenes.items() for scene in each.values()]
    text = "\n".join([str(fuser.maker), *(f"{part} {pair.name} {pair.digest()}" for part, pair in pairs)])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
