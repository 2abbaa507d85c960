"""A data set from its public home, where that is a repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from assay.config.errors import UserError, one_line
from smfnet.data.sets.known import KnownSet
from smfnet.data.sets.located import Located, find

__all__ = ["by_hand", "clone"]

# Nobody is asked for a password, no program of the repository's or of its address runs, and no link is made.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false", "-c", "protocol.ext.allow=never")
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "LC_ALL": "C"}


def clone(known: KnownSet, root: Path, address: str | None = None) -> Located:
    """Clone a set into its folder below `root`, whole or not at all.

    Args:
        known: the set.
        root: made if it is not there.
        address: of another repository that has it; its own if None.

    Raises:
        UserError: the set has no repository, git is missing or fails, something is there already, or what was cloned
            is not the set.
    """
    source = address or known.repository
    if source is None:
        raise UserError(by_hand(known))
    target = root / known.repository_folder
    if target.exists() or target.is_symlink():
        raise UserError(f"{target} is there already: expected no such folder; check it, or remove it")
    if not (git := shutil.which("git")):
        raise UserError(f"git is not installed: install it, or fetch {known.name} from {known.home} by hand")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part"))
    except OSError as error:
        raise UserError(f"cannot write to {root}: {error.strerror}") from error
    try:
        _run(git, source, place / "clone", known)
        if find(known, place / "clone") is None:
            raise UserError(f"{source} holds nothing that looks like {known.name}")
        (place / "clone").rename(target)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
    found = find(known, target)
    assert found is not None
    return found


def by_hand(known: KnownSet) -> str:
    """What to say of a set that is in no repository."""
    places = " or ".join(" and ".join(f"{place.ir} + {place.vi}" for place in each.places) for each in known.layouts)
    return (
        f"{known.name} is in no repository: fetch it from {known.home} by hand, so that DIR/{known.folder} has {places}"
    )


def _run(git: str, source: str, target: Path, known: KnownSet) -> None:
    command = [git, *_SAFE, "clone", "--depth", "1", "--quiet", "--", source, str(target)]
    done = subprocess.run(
        command, env={**os.environ, **_QUIET}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        why = next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "it does not say why")
        raise UserError(one_line(f"git cannot clone {source}: {why.removeprefix('fatal: ')}; by hand: {known.home}"))
