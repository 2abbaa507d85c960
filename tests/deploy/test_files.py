"""The files for Ray's cluster launcher and for KubeRay: their form, and what must agree between them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config


def _read(root: Path, name: str) -> Any:
    return yaml.safe_load((root / "deploy" / name).read_text())


@pytest.fixture
def launcher(root: Path) -> Any:
    """The file for `ray up`, as Ray fills it in."""
    return prepare_config(_read(root, "ray-cluster.yaml"))


@pytest.fixture
def job(root: Path) -> Any:
    """The specification of the RayJob."""
    return _read(root, "rayjob.yaml")["spec"]


def _pods(job: Any) -> list[Any]:
    cluster = job["rayClusterSpec"]
    return [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


def test_ray_takes_the_cluster_file(launcher: Any) -> None:
    validate_config(launcher)
    assert launcher["max_workers"] == len(launcher["provider"]["worker_ips"])


def test_ray_would_refuse_a_misspelt_field(launcher: Any) -> None:
    import jsonschema

    with pytest.raises(jsonschema.ValidationError, match="worker_start_commands"):
        validate_config(launcher | {"worker_start_commands": []})


def test_every_start_of_ray_asks_for_the_token_that_is_copied_to_all_in_a_folder_of_its_user(launcher: Any) -> None:
    commands = launcher["head_start_ray_commands"] + launcher["worker_start_ray_commands"]
    starts = [command for command in commands if " start " in command or "ray start" in command]
    assert len(starts) == 2
    assert all(start.startswith("RAY_AUTH_MODE=token ") for start in starts)
    assert "~/.ray/auth_token" in launcher["file_mounts"]
    assert all(start.endswith(" --temp-dir=$(mktemp -d /tmp/ray-XXXXXXXX)/ray") for start in starts)


def test_every_group_of_workers_starts_within_its_bounds(job: Any) -> None:
    for group in job["rayClusterSpec"]["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_the_job_sends_no_runtime_environment(job: Any) -> None:
    # assay sends its own, and Ray refuses to merge two that both name a working directory
    assert "runtimeEnvYAML" not in job


def test_all_pods_have_image_credentials_and_volumes_in_common(job: Any) -> None:
    containers = [pod["containers"][0] for pod in _pods(job)]
    for key in ("image", "env", "envFrom", "volumeMounts"):
        assert all(container[key] == containers[0][key] for container in containers)
    for pod in _pods(job):
        mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_workers_have_gpus_and_the_head_has_no_trials(job: Any) -> None:
    head, *workers = (pod["containers"][0]["resources"]["limits"] for pod in _pods(job))
    assert job["rayClusterSpec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert "nvidia.com/gpu" not in head
    assert all(limits["nvidia.com/gpu"] == 1 for limits in workers)


def test_job_and_image_have_the_same_ray_with_token_authentication(root: Path, job: Any) -> None:
    version = re.search(r"^ARG RAY=(.*)$", (root / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert version
    assert job["rayClusterSpec"]["rayVersion"] == version[1]
    assert tuple(map(int, version[1].split("."))) >= (2, 52, 0)
    assert job["rayClusterSpec"]["authOptions"] == {"mode": "token"}


def test_the_image_copies_what_the_wheel_is_built_from(root: Path) -> None:
    copied = re.findall(r"^COPY --chown=ray (.*) \S+$", (root / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == {
        *("pyproject.toml", "README.md", "LICENSE"),
        *("assay", "smfnet", "analysis", "ablations", "search_spaces"),
    }
    assert all((root / name).exists() for name in names)


def test_the_page_names_every_file(root: Path) -> None:
    page = (root / "deploy" / "README.md").read_text()
    files = {file.name for file in (root / "deploy").iterdir()} - {"README.md"}
    assert files == set(re.findall(r"\]\(([^)/:]+)\)", page))
