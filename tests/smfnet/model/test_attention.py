"""Channel attention and the transformer blocks around it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.model.layers.attention import MDTA, MSA, ChannelAttention
from smfnet.model.layers.cross_attention import CrossAttention
from smfnet.model.layers.feedforward import FFN, LeFF
from smfnet.model.layers.norm import ChannelNorm
from smfnet.model.layers.transformer import TransformerBlock, leff_block, msa_block


def _plain(q: Tensor, k: Tensor, v: Tensor, temperature: Tensor, out: nn.Conv2d) -> Tensor:
    """The formula as it is written: heads one by one, q and k normalised over the pixels."""
    heads = []
    for q_h, k_h, v_h, t in zip(
        *(x.flatten(2).chunk(len(temperature), 1) for x in (q, k, v)), temperature, strict=True
    ):
        weights = torch.softmax(F.normalize(q_h, dim=-1) @ F.normalize(k_h, dim=-1).transpose(1, 2) * t, dim=-1)
        heads.append(weights @ v_h)
    return out(torch.cat(heads, dim=1).unflatten(2, q.shape[2:]))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("heads", [1, 2, 6])
def test_attention_equals_its_formula(heads: int, memory_format: torch.memory_format, bias: bool) -> None:
    torch.manual_seed(0)
    qkv = torch.randn(2, 18, 5, 4, dtype=torch.float64).contiguous(memory_format=memory_format).chunk(3, dim=1)
    layer = ChannelAttention(6, heads, bias=bias).double()
    nn.init.uniform_(layer.temperature, 1, 2)
    result = layer.attend(*qkv)
    torch.testing.assert_close(result, _plain(*qkv, layer.temperature, layer.out), rtol=0, atol=1e-13)
    assert result.is_contiguous(memory_format=memory_format)


def test_a_channel_of_zeros_agrees_with_none() -> None:
    layer = ChannelAttention(4, 1)
    nn.init.dirac_(layer.out.weight)
    k, v = torch.randn(2, 1, 4, 3, 3)
    torch.testing.assert_close(layer.attend(torch.zeros_like(k), k, v), v.mean(1, keepdim=True).expand_as(v))


@pytest.mark.parametrize(
    "layer", [MDTA(4, 2), MSA(4, 2), CrossAttention(4, 2, layernorm=True)], ids=lambda x: type(x).__name__
)
def test_gradients_of_attention_are_right(layer: nn.Module) -> None:
    layer = layer.double()
    inputs = [torch.randn(1, 4, 3, 2, dtype=torch.float64, requires_grad=True)]
    if isinstance(layer, CrossAttention):
        inputs.append(torch.randn(1, 4, 3, 2, dtype=torch.float64, requires_grad=True))
    assert torch.autograd.gradcheck(layer, inputs)


@pytest.mark.parametrize("layernorm", [False, True])
def test_cross_attention_asks_with_the_guide_and_answers_with_the_source(layernorm: bool) -> None:
    torch.manual_seed(0)
    layer = CrossAttention(4, 2, layernorm=layernorm)
    guide, source = torch.randn(2, 1, 4, 3, 3)
    asked = (guide - guide.mean(1, keepdim=True)) / (guide.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
    told = (source - source.mean(1, keepdim=True)) / (source.var(1, correction=0, keepdim=True) + 1e-5).sqrt()
    if not layernorm:
        asked, told = guide, source
    q = layer.q_depth(layer.q_point(asked))
    k, v = layer.kv_depth(layer.kv_point(told)).chunk(2, 1)
    torch.testing.assert_close(layer(guide, source), _plain(q, k, v, layer.temperature, layer.out))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_the_norm_acts_over_the_channels_of_each_pixel(memory_format: torch.memory_format) -> None:
    x = (3 + 2 * torch.randn(2, 5, 4, 3)).contiguous(memory_format=memory_format)
    norm = ChannelNorm(5)
    nn.init.uniform_(norm.weight)
    nn.init.uniform_(norm.bias)
    variance, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
    expected = (x - mean) / (variance + 1e-5).sqrt() * norm.weight[:, None, None] + norm.bias[:, None, None]
    torch.testing.assert_close(norm(x), expected)


def test_leff_adds_its_own_input_after_a_last_gelu() -> None:
    layer = LeFF(4)
    nn.init.zeros_(layer.down.weight)
    nn.init.constant_(layer.down.bias, -1.0)
    x = torch.randn(1, 4, 3, 3)
    torch.testing.assert_close(layer(x), x + F.gelu(torch.tensor(-1.0)))


def test_ffn_acts_pixel_by_pixel_without_a_bias() -> None:
    layer = FFN(4)
    x = torch.randn(1, 4, 3, 3)
    torch.testing.assert_close(layer(x)[..., 1:2, 2:3], layer(x[..., 1:2, 2:3]))
    assert not layer(torch.zeros_like(x)).any()


@pytest.mark.parametrize("block", [leff_block(4, 2), msa_block(4, 2), msa_block(4, 2, dense=False)])
def test_a_block_adds_both_halves_behind_their_norms(block: TransformerBlock) -> None:
    x = torch.randn(1, 4, 3, 3)
    between = x + block.attn(block.norm1(x))
    torch.testing.assert_close(block(x), between + block.ffn(block.norm2(between)))


def test_the_dense_attention_alone_has_a_dense_convolution() -> None:
    assert msa_block(4, 2).attn.qkv_dense3x3.weight.shape == (12, 12, 3, 3)
    assert msa_block(4, 2, dense=False).attn.qkv_depth.weight.shape == (12, 1, 3, 3)
