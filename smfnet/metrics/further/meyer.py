"""The discrete Meyer wavelet."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["LOW", "meyer_coefficients"]

# The finite approximation of Meyer's filter that is in use ("dmey"): its first half; the centre is the last one.
_HALF = (
    *(0.0, -1.009999956941423e-12, 8.519459636796214e-09, -1.111944952595278e-08, -1.0798819539621958e-08),
    *(6.066975741351135e-08, -1.0866516536735883e-07, 8.200680650386481e-08, 1.1783004497663934e-07),
    *(-5.506340565252278e-07, 1.1307947017916706e-06, -1.489549216497156e-06, 7.367572885903746e-07),
    *(3.20544191334478e-06, -1.6312699734552807e-05, 6.554305930575149e-05, -0.0006011502343516092),
    *(-0.002704672124643725, 0.002202534100911002, 0.006045814097323304, -0.006387718318497156),
    *(-0.011061496392513451, 0.015270015130934803, 0.017423434103729693, -0.03213079399021176),
    *(-0.024348745906078023, 0.0637390243228016, 0.030655091960824263, -0.13284520043622938),
    *(-0.035087555656258346, 0.44459300275757724, 0.7445855923188063),
)
LOW = (*_HALF, *_HALF[-2:0:-1])  # 62 taps


def meyer_coefficients(images: Tensor) -> Tensor:
    """Coefficients at one level, the image going on as its mirror image.

    Args:
        images: shape (B, C, H, W), float64.

    Returns:
        Shape (B, C, 2 h, 2 w), h = (H + 61) // 2: approximation, and right of it what is high along y, below it what
        is high along x, and both.
    """
    (low_y, high_y), (low_x, high_x) = (_filters(side, images.device) for side in images.shape[2:])
    bands = [[along_y @ images @ along_x.T for along_y in (low_y, high_y)] for along_x in (low_x, high_x)]
    return torch.cat([torch.cat(row, dim=3) for row in bands], dim=2)


def _filters(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Low and high pass with every second place kept, as matrices ((size + 61) // 2, size)."""
    low = torch.tensor(LOW, dtype=torch.float64, device=device)
    high = low.flip(0)
    high[::2] *= -1
    taps, places = len(LOW), torch.arange((size + len(LOW) - 1) // 2, device=device)
    read = (2 * places[:, None] + 1 - torch.arange(taps, device=device)) % (2 * size)
    read = torch.minimum(read, 2 * size - 1 - read)
    empty = low.new_zeros(len(places), size)
    one, other = (empty.scatter_add(1, read, each.expand(len(places), -1)) for each in (low, high))
    return one, other
