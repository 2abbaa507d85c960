"""FMI: what small windows of the fused image's features tell of the sources'."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from smfnet.metrics.further.meyer import meyer_coefficients
from smfnet.metrics.windows import strips

__all__ = ["dct_information", "pixel_information", "wavelet_information"]

SIDE = 3  # pixels of a window
PIXELS = SIDE**2
STRIP = 2**13  # windows that are worked on at once: about a megabyte for each of a dozen arrays


def pixel_information(fused: Tensor, sources: Tensor) -> Tensor:
    """FMI of grey levels; see `_information`, and shapes there."""
    return _information(fused.double(), sources.double())


def dct_information(fused: Tensor, sources: Tensor) -> Tensor:
    """FMI of the coefficients of the discrete cosine transform of the whole image (type II, orthonormal)."""
    return _information(*(_cosines(images.double()) for images in (fused, sources)))


def wavelet_information(fused: Tensor, sources: Tensor) -> Tensor:
    """FMI of the coefficients of the discrete Meyer wavelet at one level, the four bands side by side."""
    return _information(*(meyer_coefficients(images.double()) for images in (fused, sources)))


def _information(fused: Tensor, sources: Tensor) -> Tensor:
    """Mean over all windows of 2 I(F; S) / (H(F) + H(S)), and over the sources.

    Haghighat, Aghagolzadeh and Seyedarabi, Computers and Electrical Engineering 37, 2011, by the fast form of Haghighat
    and Razian (AICT 2014): a window of 3 x 3, stretched to [0, 1] and divided by its sum, is a distribution over its
    nine places, column by column; the joint distribution is a mixture of the independent one and of Frechet's bound
    that has the sign of the windows' correlation, with the share that gives this correlation. Equal windows count as 1.
    (The authors' program compares with a window that it has stretched already, so that equal flat windows count as 0
    there for the second source.)

    Args:
        fused: features, float64, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, about [0, 1].
    """
    height, width = fused.shape[2:]
    slices = strips(height, width * len(sources), SIDE, fused.device, pixels=STRIP)
    sums = [_sums_over_windows(fused[:, :, rows], sources[:, :, rows]) for rows in slices]
    return torch.stack(sums).sum(dim=0) / ((height - SIDE + 1) * (width - SIDE + 1) * sources.shape[1])


def _sums_over_windows(fused: Tensor, sources: Tensor) -> Tensor:
    """Sums over windows and sources, (B,)."""
    ours, theirs = _windows(fused), _windows(sources)
    equal = (ours == theirs).all(dim=0)
    ours, theirs = _distribution(ours), _distribution(theirs)
    correlation = _correlation(ours, theirs)
    # The lower bound of one order is the upper one of the other, and an entropy does not ask for order.
    theirs = torch.where(correlation < 0, theirs.flip(0), theirs)
    alone = _entropy(ours) + _entropy(theirs)
    shared = alone - _joint_entropy(ours, theirs, correlation.abs())
    normalised = torch.where(alone > 0, 2 * shared / alone, 0.0)
    return torch.where(equal, 1.0, normalised).sum(dim=(1, 2, 3))


def _windows(images: Tensor) -> Tensor:
    """(B, C, H, W) to (9, B, C, H - 2, W - 2), down the columns of each window."""
    height, width = (side - SIDE + 1 for side in images.shape[2:])
    return torch.stack([images[..., y : y + height, x : x + width] for x in range(SIDE) for y in range(SIDE)])


def _distribution(windows: Tensor) -> Tensor:
    low, high = windows.aminmax(dim=0)
    shares = torch.where(high > low, (windows - low) / (high - low), 1.0)
    return shares / shares.sum(dim=0)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson's, of the shares at the same places; 0 with a flat window."""
    a, b = a - 1 / PIXELS, b - 1 / PIXELS
    products, norms = (a * b).sum(dim=0), (a.square().sum(dim=0) * b.square().sum(dim=0)).sqrt()
    return torch.where(norms > 1e-12, products / norms, 0.0)


def _joint_entropy(a: Tensor, b: Tensor, correlation: Tensor) -> Tensor:
    """Of the mixture with the upper bound whose correlation is the given one, in nats; shapes of a window's places."""
    up_to_a, up_to_b = a.cumsum(dim=0), b.cumsum(dim=0)
    covariance = sum(torch.minimum(level, up_to_b).sum(dim=0) for level in up_to_a) - up_to_a.sum(0) * up_to_b.sum(0)
    spread = _spread(a) * _spread(b)
    share = torch.where((spread > 0) & (covariance > 0), correlation * spread / covariance, 0.0)
    entropy = torch.zeros_like(correlation)
    before: Tensor | float = 0.0
    for here, level in zip(a, up_to_a, strict=True):
        reached = torch.minimum(level, up_to_b)
        step = reached - before
        mass = torch.cat([step[:1], step[1:] - step[:-1]])
        entropy += _entropy(mass.mul_(share).addcmul_((1 - share) * here, b))
        before = reached
    return entropy


def _spread(shares: Tensor) -> Tensor:
    """Standard deviation of a place's number."""
    places = torch.arange(1.0, PIXELS + 1, dtype=shares.dtype, device=shares.device).view(-1, 1, 1, 1, 1)
    return ((places.square() * shares).sum(0) - (places * shares).sum(0).square()).clamp(min=0).sqrt()


def _entropy(shares: Tensor) -> Tensor:
    """In nats, over the first axis; a share below 0, of a mixture beyond the bound, has its magnitude's logarithm."""
    return -torch.xlogy(shares, shares.abs()).sum(dim=0)


def _cosines(images: Tensor) -> Tensor:
    along_y, along_x = (_cosine_matrix(side, images.device) for side in images.shape[2:])
    return along_y @ images @ along_x.T


def _cosine_matrix(size: int, device: torch.device) -> Tensor:
    """Row k: the k-th cosine, of length 1."""
    place = torch.arange(size, dtype=torch.float64, device=device)
    rows = torch.cos(math.pi / size * place[:, None] * (place + 0.5)) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    return rows
