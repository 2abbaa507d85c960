"""Nothing in the files and on the pages lies under a name in /tmp that others can guess; no container is root's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHOWN = [*(ROOT / "deploy").iterdir(), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
# What makes a name: mktemp's letters, or random bytes of the script itself.
_MADE_UP = re.compile(r"^/tmp/\S*(XXXXXXXX|\$\(random )")


def _in_tmp(text: str) -> list[str]:
    """Paths below /tmp, each up to the space, quote or bracket that ends it."""
    return re.findall(r"/tmp/[^\s'\"`),;]+(?: [0-9]+\))?", text)


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_name_in_tmp_can_be_guessed(file: Path) -> None:
    assert [path for path in _in_tmp(file.read_text(encoding="utf-8")) if not _MADE_UP.match(path)] == []


def test_a_name_that_can_be_guessed_would_be_found() -> None:
    text = "--temp-dir=$(mktemp -d /tmp/ray-XXXXXXXX)/ray, COPY assay /tmp/assay/ and /tmp/ray-$SLURM_JOB_ID"
    assert [path for path in _in_tmp(text) if not _MADE_UP.match(path)] == ["/tmp/assay/", "/tmp/ray-$SLURM_JOB_ID"]


def test_the_last_user_of_the_image_is_a_number_that_is_not_roots() -> None:
    users = re.findall(r"^USER (.*)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert int(users[-1]) > 0


def _pods() -> list[Any]:
    cluster = yaml.safe_load((ROOT / "deploy" / "rayjob.yaml").read_text())["spec"]["rayClusterSpec"]
    return [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


def test_no_container_is_roots_or_can_become_it() -> None:
    """What Kubernetes asks for where a namespace is `restricted`."""
    image_user = int(re.findall(r"^USER (.*)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)[-1])
    for pod in _pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == image_user
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "hostPath" not in str(pod["volumes"])
