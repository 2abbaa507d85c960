"""Regular fractions of a factorial: which effects cannot be told apart, and the fraction that mixes up the least.

A set of parts is a number whose bits are the parts: 0b101 is the first and the third. Its sign in a cell is the
product of its parts' signs, + where a part is there and - where it is out. In a fraction some sets, its defining words,
have one sign in all cells; two sets whose symmetric difference is such a word are aliases: no data tell their effects
apart.
Resolution is the length of the shortest word (Box and Hunter, Technometrics 3, 1961).
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_PARTS", "aliases", "fraction", "generators", "letters", "members", "resolution", "roman", "words_of"]

MOST_PARTS = 10
_LENGTH = np.array([number.bit_count() for number in range(2**MOST_PARTS)])
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")

Sets = NDArray[np.int_]


def fraction(parts: int, cells: int) -> NDArray[np.int_]:
    """Levels of a regular fraction with the whole set in it, 1 where a part is there; shape (cells, parts).

    Args:
        parts: how many.
        cells: how many combinations, a power of two; more than `parts`, at most 2 to the power of them.
    """
    basic = cells.bit_length() - 1
    signs = np.array(list(itertools.product((1, -1), repeat=basic)))
    added = [signs[:, members(product)].prod(1) for product in generators(parts, cells)]
    return (np.column_stack([signs, *added]) + 1) // 2


def generators(parts: int, cells: int) -> list[int]:
    """The set of basic parts whose product each further part is: of all choices that of minimum aberration.

    That is the longest shortest word, then the fewest words of that length, then of the next (Fries and Hunter,
    Technometrics 22, 1980).
    """
    basic = cells.bit_length() - 1
    several = [number for number in range(2**basic) if number.bit_count() > 1]
    products = sorted(several, key=lambda number: (number.bit_count(), letters(number)))
    choices = np.array(list(itertools.combinations(products, parts - basic)), dtype=int)
    words = np.zeros((len(choices), 1), dtype=int)
    for place in range(parts - basic):
        further = words ^ (choices[:, place : place + 1] | 1 << (basic + place))
        words = np.concatenate([words, further], axis=1)
    lengths = _LENGTH[words[:, 1:]]
    counts = np.array([(lengths == length).sum(1) for length in range(parts, 2, -1)])  # the last decides first
    return [int(product) for product in choices[np.lexsort(counts)[0]]]


def words_of(levels: NDArray[np.int_]) -> dict[int, int]:
    """The defining words of some cells, each with its sign, 1 or -1; the shortest first.

    Args:
        levels: 1 where a part is there and 0 where it is out, shape (cells, parts).
    """
    products = {0: np.ones(len(levels), dtype=int)}
    for part, signs in enumerate((2 * levels - 1).T):
        products |= {number | 1 << part: product * signs for number, product in products.items()}
    constant = [number for number, product in products.items() if number and abs(product.sum()) == len(levels)]
    return {number: int(products[number][0]) for number in sorted(constant, key=lambda each: (each.bit_count(), each))}


def resolution(words: Iterable[int]) -> int:
    """Length of the shortest word; 0 of a full factorial, in which nothing is mixed up."""
    return min((word.bit_count() for word in words), default=0)


def aliases(number: int, words: Iterable[int]) -> list[int]:
    """The sets that cannot be told from one, the smallest first."""
    return sorted((number ^ word for word in words), key=lambda each: (each.bit_count(), members(each)))


def members(number: int) -> list[int]:
    """Places of the parts of a set."""
    return [place for place in range(number.bit_length()) if number >> place & 1]


def letters(number: int, names: Sequence[str] = string.ascii_uppercase) -> str:
    """`ACD`."""
    return "".join(names[place] for place in members(number))


def roman(number: int) -> str:
    """`IV`, as resolutions are written."""
    return _ROMAN[number]
