"""W&B: a run for each trial in the group of the whole, offline unless its user is logged in or says otherwise."""

from __future__ import annotations

import hashlib
import netrc
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WandB"]

_ONLINE, _OFFLINE = "online", "offline"
_INIT_S = 20.0  # to reach the server
_SETTINGS: dict[str, Any] = {
    "console": "off",
    "init_timeout": _INIT_S,
    "silent": True,
    "symlink": False,  # a run folder holds no links
    # What W&B would note of a process that trains, and this one does not.
    **dict.fromkeys(("disable_git", "x_disable_meta", "x_disable_stats"), True),
    **dict.fromkeys(("save_code", "x_save_requirements"), False),
}


class WandB:
    """Logs to W&B as WANDB_MODE, WANDB_PROJECT, WANDB_DIR and the other variables say.

    Args:
        group: whose trials they are.
    """

    environment: ClassVar[Mapping[str, str]] = {
        "WANDB_SILENT": "true",
        "WANDB_ERROR_REPORTING": "false",
    }

    def __init__(self, group: TrackedGroup) -> None:
        self._group, self._mode = group, _mode()
        self._folder = Path(os.environ.get("WANDB_DIR") or group.place)

    @staticmethod
    def where(group: TrackedGroup) -> str:
        """Server, entity and project, or the folder."""
        mode, project = _mode(), os.environ.get("WANDB_PROJECT") or group.study
        if mode != _ONLINE:
            return f"{mode} {os.environ.get('WANDB_DIR') or group.place} {project}"
        return f"{mode} {_host()} {os.environ.get('WANDB_ENTITY', '')} {project}"

    @staticmethod
    def look(group: TrackedGroup) -> str:
        """How it is seen."""
        if _mode() == _OFFLINE:
            folder = Path(os.environ.get("WANDB_DIR") or group.place) / "wandb"
            return f"wandb sync {folder}/offline-run-* sends to W&B what was kept"
        return f"W&B, group {_group_name(group)} of project {os.environ.get('WANDB_PROJECT') or group.study}"

    def trial(self, trial: TrackedTrial) -> None:
        """Log a trial as a run of its own."""
        about = {"row": trial.row, "state": trial.state, "reason": trial.reason, "fingerprint": trial.fingerprint}
        config = {**trial.parameters, "assay": about}
        with self._run(trial.id, trial.fingerprint, "trial", config, failed=trial.state == "failed") as run:
            for name, points in _by_stage(trial).items():
                axis = f"{name}/epoch"
                run.define_metric(f"{name}/*", step_metric=axis)
                for epoch, values in points.items():
                    run.log({axis: epoch, **values})
            run.summary.update(dict(trial.metrics))

    def summary(self, summary: TrackedSummary) -> None:
        """Log the table, verdicts, files and pictures as a run of their own."""
        import wandb

        config = {**summary.parameters, "assay": dict(summary.about)}
        with self._run("summary", "", "summary", config) as run:
            run.summary.update(dict(summary.metrics))
            run.summary.update({f"verdict/{name}": word for name, word in summary.words.items()})
            for name, table in summary.tables.items():
                lines = [list(line) for line in table["lines"]]
                run.log({f"tables/{name}": wandb.Table(list(table["columns"]), lines, allow_mixed_types=True)})
            for name, path in summary.images.items():
                run.log({f"images/{name}": wandb.Image(path)})
            for path in summary.files.values():
                run.save(path, base_path=str(Path(path).parent), policy="now")

    def close(self) -> None:
        """Every run was finished by itself."""

    @contextmanager
    def _run(
        self, name: str, version: str, job: str, config: Mapping[str, Any], *, failed: bool = False
    ) -> Iterator[Any]:
        """A run of W&B's, with an id of its own, under which it is found again."""
        import wandb

        identity = hashlib.sha256("\n".join((self._group.key, name, version)).encode()).hexdigest()[:16]
        before = list((self._folder / "wandb").glob(f"offline-run-*-{identity}"))
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or self._group.study,
            group=os.environ.get("WANDB_RUN_GROUP") or _group_name(self._group),
            job_type=job,
            name=name,
            id=identity,
            resume="allow" if self._mode == _ONLINE else None,
            config=dict(config),
            dir=str(self._folder),
            mode=None if self._mode == _ONLINE else self._mode,  # None: `wandb offline` may have been said here
            settings=wandb.Settings(**_SETTINGS),
        )
        try:
            yield run
        except BaseException:
            run.finish(exit_code=1)
            raise
        run.finish(exit_code=int(failed))
        wandb.teardown()  # waits until the file is whole
        for folder in before:  # told again: the new one has all that they have
            shutil.rmtree(folder, ignore_errors=True)


def _by_stage(trial: TrackedTrial) -> dict[str, dict[int, dict[str, float]]]:
    """Stage -> epoch -> name of the curve -> value."""
    stages: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for name, line in trial.curves.items():
        for epoch, value in line:
            stages[name.rpartition("/")[0]][epoch][name] = value
    return stages


def _group_name(group: TrackedGroup) -> str:
    return f"{group.name}-{group.key[:6]}"


def _mode() -> str:
    """As WANDB_MODE says; else online where a key of the user's is known, and offline where none is."""
    return os.environ.get("WANDB_MODE") or (_ONLINE if _is_logged_in() else _OFFLINE)


def _host() -> str:
    return urlsplit(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname or ""


def _is_logged_in() -> bool:
    """Whether `wandb login` has left a key, or a variable holds one; nobody is asked."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        return netrc.netrc(path).authenticators(_host()) is not None
    except (OSError, netrc.NetrcParseError):
        return False
