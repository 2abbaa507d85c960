"""The names that the package offers."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

from assay import evidence


@pytest.mark.parametrize("name", evidence.__all__)
def test_a_name_is_the_same_before_and_after_its_module_was_imported(name: str) -> None:
    """A module of the same name would take its place in the package as soon as anybody imports it."""
    assert name not in {module.name for module in pkgutil.iter_modules(evidence.__path__)}
    found = getattr(evidence, name)
    assert not isinstance(found, ModuleType)
    assert found is getattr(importlib.import_module(found.__module__), name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'verdict_of'"):
        evidence.verdict_of  # noqa: B018
