"""What an earlier version wrote is read by the paths of today."""

from __future__ import annotations

from pathlib import Path

from assay.config.changes import apply
from assay.config.layout import by_present_paths
from assay.config.root import RootConfig
from assay.config.section import paths_of
from smfnet.config.earlier_layout import RENAMED
from smfnet.config.root import Config
from smfnet.config.schema import compose

# The values that stood elsewhere before every kind of a slot had a section of its own, none at its default.
EARLIER = """\
base: {kind: transformer, groups: 3, pairs: 3, blocks: leff, msa_dense3x3: false, residual: false, tail: none}
detail:
  kind: cai
  grdb: false
  sobel_trainable: false
  cross: {enabled: false, layernorm: true, shared: false}
  inn: {blocks: 3, clamp: true}
graph: {enabled: true, kind: conv, dilations: [1, 2, 3], cross_steps: 1, iters: 1, gate_layout: interleaved, gamma_init: 0.5}
fuse: {swap: true, blocks: 4, grdb: false, combine: concat}
"""  # noqa: E501


def test_every_value_that_moved_is_there_now_and_none_stands_at_its_old_place() -> None:
    known = paths_of(Config()).keys()
    assert {new for places in RENAMED.values() for new in places} <= known
    assert not RENAMED.keys() & known


def test_a_configuration_of_the_earlier_layout_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(EARLIER)
    values = paths_of(compose(base=tmp_path / "config.yaml"))
    changed = {path for path, value in paths_of(compose()).items() if values[path] != value}
    assert changed == {*(new for places in RENAMED.values() for new in places), "fuse.swap", "graph.kind"}
    assert values["graph.reasoning.dilations"] == (1, 2, 3)
    assert values["fuse.detail.invertible.blocks"] == 4
    assert values["base.single_attention.msa_dense3x3"] is False


def test_changes_of_an_earlier_row_are_those_of_today() -> None:
    changes = by_present_paths({"fuse.swap": True, "fuse.grdb": False, "optim.lr": 0.1}, Config)
    assert changes == {"fuse.swap": True, "fuse.detail.invertible.grdb": False, "optim.lr": 0.1}
    assert apply(Config(), changes).fuse.detail.invertible.grdb is False
    assert by_present_paths({"fuse.grdb": False}, RootConfig) == {"fuse.grdb": False}
