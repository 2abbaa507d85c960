"""Where one input is made: a folder of its own, and a copy of what it needs of the world."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.mutation import NUMBERS, Chance, changed, damaged

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """A place for one input.

    Attributes:
        world: what was built once; only read.
        folder: where the input is made and the command is given.
        around: a folder that no command is given.
        chance: what decides.
    """

    world: Path
    folder: Path
    around: Path
    chance: Chance

    def copy(self, *names: str) -> None:
        """Bring folders and files of the world here."""
        for name in names:
            source, target = self.world / name, self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)

    def text(self) -> str:
        """A text that means something to somebody; none that no command line can hold."""
        return self.chance.text().replace("\0", "").encode("utf-8", "ignore").decode()

    def number(self) -> str:
        """A number as it is typed."""
        return repr(self.chance.choice(NUMBERS)).lower()

    def odd(self) -> str:
        """A text or a number."""
        return self.chance.choice((self.text, self.number))()

    def damaged(self, data: bytes) -> bytes:
        """See `mutation.damaged`."""
        return damaged(data, self.chance)

    def changed(self, value: Any) -> Any:
        """See `mutation.changed`."""
        return changed(value, self.chance)

    def damage(self, path: Path) -> None:
        """Make a file other than it was."""
        path.write_bytes(self.damaged(path.read_bytes()))

    def replace(self, path: Path) -> None:
        """Put something else where a file is: nothing, a folder, a pipe, a device, or a link to any of these."""
        path.unlink(missing_ok=True)
        match self.chance.randrange(9):
            case 0:
                path.mkdir()
            case 1:
                os.mkfifo(path)
            case 2:
                path.symlink_to("/dev/zero")
            case 3:
                path.symlink_to(self.around / "victim")
            case 4:
                path.symlink_to("nowhere")
            case 5:
                path.symlink_to(path.name)
            case 6:
                path.write_bytes(b"")
            case 7:
                path.write_bytes(b"\0" * 5_000_000)
