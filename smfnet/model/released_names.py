"""The names that the authors' release gives to the tensors of our network."""

from __future__ import annotations

from functools import cache

__all__ = ["PARTS", "released_name"]

PARTS = {
    "enc": "DIDF_Encoder",
    "dec": "DIDF_Decoder",
    "graph": "GraphModel",
    "base_fuse": "BaseFuseLayer",
    "detail_fuse": "DetailFuseLayer",
}

# Components: our name of a layer (or of a tensor without one) -> the release's.
_LEFF = {"up": "linear1.0", "depth": "dwconv.0", "down": "linear2.0"}
_BOTTLENECK = {"expand": "0", "depth": "3", "project": "5"}
_CONV_BN = {"conv": "0", "bn": "1"}
_TAIL = {"in": "0", "mid": "2", "out": "4"}
_NORMS = {"norm1": "norm1.body", "norm2": "norm2.body"}
_MDTA = {"temperature": "temperature", "qkv_point": "qkv", "qkv_depth": "qkv_dwconv", "out": "project_out"}
_MSA = {"temperature": "scale", "qkv_point": "qkv1", "qkv_dense3x3": "qkv2", "out": "proj"}
_FFN = {"up": "project_in", "down": "project_out"}
_CROSS = {
    "temperature": "temperature",
    "q_point": "q",
    "q_depth": "q_dwconv",
    "kv_point": "kv",
    "kv_depth": "kv_dwconv",
    "out": "project_out",
}
_GRDB = {
    "stem": "conv.conv",
    "dense1": "GRDB.dense.conv1.conv",
    "dense2": "GRDB.dense.conv2.conv",
    "down": "GRDB.convdown.conv",
    "grad_point": "GRDB.convup.conv",
    "sobel_x": "GRDB.sobelconv.convx",
    "sobel_y": "GRDB.sobelconv.convy",
}
_MESSAGES = {"gamma": "gamma", "gate": "C_wgt", "gru.gates": "ConvGRU.ConvGates", "gru.cand": "ConvGRU.Conv_ct"}


def released_name(name: str) -> tuple[str, str]:
    """Part and name in the release's checkpoint, without the prefix of DataParallel.

    Raises:
        KeyError: the released network has no tensor `name`.

    Example:
        >>> released_name("dec.block.attn.out.weight")
        ('DIDF_Decoder', 'encoder_level1.0.attn.project_out.weight')
    """
    part = PARTS[name.partition(".")[0]]
    if name in _layers():  # a tensor that belongs to no layer
        return part, _layers()[name]
    layer, _, tensor = name.rpartition(".")
    return part, f"{_layers()[layer]}.{tensor}"


@cache
def _layers() -> dict[str, str]:
    """Our name of every layer -> the release's, below its part."""
    layers = {"enc.embed": "patch_embed.proj", "enc.base.stem": "baseFeature.conv_first", "graph.fuse": "C_cls"}
    layers |= {f"dec.out{k + 1}": f"output.{2 * k}" for k in range(3)}
    layers |= _transformer("enc.shallow.", "encoder_level1.0.", "ffn_leff.")
    layers |= _transformer("dec.block.", "encoder_level1.0.", "ffn_leff.")
    layers |= _transformer("base_fuse.", "", "mlp.")
    for k in range(2):
        layers |= _group(f"enc.base.group{k}.", f"baseFeature.layers.{k}.")
    return layers | _detail() | _graph() | _invertible()


def _transformer(ours: str, theirs: str, ffn: str) -> dict[str, str]:
    return {
        **_below(ours, theirs, _NORMS),
        **_below(f"{ours}attn.", f"{theirs}attn.", _MDTA),
        **_below(f"{ours}ffn.", f"{theirs}{ffn}", _LEFF),
    }


def _group(ours: str, theirs: str) -> dict[str, str]:
    layers = _below(f"{ours}tail.", f"{theirs}conv.", _TAIL)
    for k in range(2):
        a, b = (f"{theirs}residual_group.{k}.{block}." for block in (0, 1))
        layers |= _transformer(f"{ours}pair{k}.a.", a, "ffn_leff.")
        layers |= _below(f"{ours}pair{k}.b.", b, _NORMS)
        layers |= _below(f"{ours}pair{k}.b.attn.", f"{b}attn.", _MSA)
        layers |= _below(f"{ours}pair{k}.b.ffn.", f"{b}mlp.", _FFN)
    return layers


def _detail() -> dict[str, str]:
    layers = {"enc.detail.inn.mix": "detailFeature.layer.shffleconv"}
    layers |= _below("enc.detail.cross.", "detailFeature.TCA.", _CROSS)
    layers |= _below("enc.detail.grdb.", "GRDB_module.", _GRDB)
    for name in ("phi", "rho", "eta"):
        layers |= _below(f"enc.detail.inn.{name}.", f"detailFeature.layer.theta_{name}.bottleneckBlock.", _BOTTLENECK)
    return layers


def _graph() -> dict[str, str]:
    layers = {"graph.edge_i_to_v": "graph.graph.C_pa.0", "graph.edge_v_to_i": "graph.graph.C_pa.1"}
    for k, (modality, theirs) in enumerate({"i": "rgb", "v": "dep"}.items()):
        layers |= _below(f"graph.msg_{modality}.", f"graph.graph.graph_{theirs}.", _MESSAGES)
        layers |= _below(f"graph.merge_{modality}.", f"graph.C_cat.{k}.", _CONV_BN)
        for node in range(3):
            layers |= _below(f"graph.node_{modality}.{node}.", f"graph.graph.ppm_{theirs}.convs.{node}.", _CONV_BN)
    return layers


def _invertible() -> dict[str, str]:
    layers = _below("detail_fuse.grdb.", "GRDB.", _GRDB)
    for k in range(2):
        layers[f"detail_fuse.inv{k}.mix"] = f"net.{k}.shffleconv"
        for ours, theirs in {"s_of_1": "r", "t_of_1": "y", "t_of_2": "f", "s_of_2": "p"}.items():
            layers |= _below(f"detail_fuse.inv{k}.{ours}.", f"net.{k}.{theirs}.bottleneckBlock.", _BOTTLENECK)
    return layers


def _below(ours: str, theirs: str, names: dict[str, str]) -> dict[str, str]:
    return {f"{ours}{mine}": f"{theirs}{released}" for mine, released in names.items()}
