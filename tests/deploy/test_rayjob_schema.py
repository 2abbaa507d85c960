"""rayjob.yaml against the schema of KubeRay's resource, as far as the file may come to want it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

POD = "spec.rayClusterSpec.headGroupSpec.template.spec"


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """The resource's."""
    return Draft202012Validator(yaml.safe_load(Path(__file__).with_name("rayjob_schema.yaml").read_text()))


@pytest.fixture
def job(root: Path) -> Any:
    """The file, with no two places that share a value."""
    return yaml.safe_load(_unshared((root / "deploy" / "rayjob.yaml").read_text()))


def _unshared(text: str) -> str:
    class Unshared(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(yaml.safe_load(text), Dumper=Unshared)


def _around(job: Any, path: str) -> tuple[Any, str]:
    """The place in which a field is, and the field's own name."""
    *above, name = path.split(".")
    for key in above:
        job = job[int(key) if key.isdecimal() else key]
    return job, name


def _found(schema: Draft202012Validator, job: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(job)]


def test_the_schema_is_one(schema: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(schema.schema)


def test_the_job_is_as_the_resource_has_it(schema: Draft202012Validator, job: Any) -> None:
    assert _found(schema, job) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("spec.backoffLimit", "backOffLimit"),
        ("spec.rayClusterSpec.authOptions", "authOption"),
        ("spec.rayClusterSpec.headGroupSpec.rayStartParams", "rayStartParam"),
        (f"{POD}.containers.0.volumeMounts", "volumeMount"),
        (f"{POD}.containers.0.envFrom.0.secretRef", "secret"),
        (f"{POD}.containers.0.securityContext.allowPrivilegeEscalation", "allowPrivilegesEscalation"),
        (f"{POD}.volumes.0.persistentVolumeClaim.claimName", "claim"),
        (f"{POD}.securityContext.runAsNonRoot", "runAsNonroot"),
    ],
)
def test_a_misspelt_field_is_found(schema: Draft202012Validator, job: Any, path: str, name: str) -> None:
    place, right = _around(job, path)
    place[name] = place.pop(right)
    assert any(f"('{name}' was unexpected)" in line for line in _found(schema, job))


@pytest.mark.parametrize("field", ["groupName", "maxReplicas", "minReplicas", "template"])
def test_what_a_group_of_workers_must_say_is_missed(schema: Draft202012Validator, job: Any, field: str) -> None:
    del job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0][field]
    assert _found(schema, job) == [f"$.spec.rayClusterSpec.workerGroupSpecs[0]: '{field}' is a required property"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("apiVersion", "ray.io/v1alpha1"),
        ("metadata.name", "a-name-longer-than-the-operator-takes-for-its-jobs"),
        ("spec.submissionMode", "K8SJobMode"),
        ("spec.backoffLimit", "3"),
        ("spec.rayClusterSpec.authOptions.mode", "tokens"),
        ("spec.rayClusterSpec.headGroupSpec.rayStartParams.num-cpus", 0),
        (f"{POD}.containers.0.env.0.value", 0),
        (f"{POD}.containers.0.resources.limits.memory", "8 GiB"),
        (f"{POD}.containers.0.name", "ray_head"),
        (f"{POD}.containers.0.volumeMounts.0.mountPath", "shared"),
    ],
)
def test_a_value_that_is_none_is_found(schema: Draft202012Validator, job: Any, path: str, value: Any) -> None:
    place, name = _around(job, path)
    place[name] = value
    (found,) = _found(schema, job)
    assert name in found.partition(": ")[0]
