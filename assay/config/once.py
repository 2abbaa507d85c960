"""What is worked out once for objects that do not change, and kept for as long as others have not taken its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

__all__ = ["once_each"]

Answer = TypeVar("Answer", bound=Callable[..., Any])
Objects = tuple[Any, ...]

_MOST = 256  # rows of a suite, with their stages


def once_each(work: Answer) -> Answer:
    """Keep the last answers of a function of several objects, such as the configurations of a row's stages.

    Which objects they are decides, not what they equal: one of two equal ones may hold 1 and the other 1.0.

    Args:
        work: its first argument are the objects, which nobody changes; others are hashable and given by place. Its
            answer is handed out again and again, and nobody may change it.
    """

    @lru_cache(maxsize=_MOST)
    def kept(these: _These, *others: Any) -> Any:
        return work(these.objects, *others)

    @wraps(work)
    def once(objects: Objects, *others: Any) -> Any:
        return kept(_These(objects), *others)

    return once  # type: ignore[return-value]


class _These:
    """Equal to itself and to what holds the same objects; they are held, so that no other takes their place."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.objects)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _These) and list(map(id, self.objects)) == list(map(id, other.objects))
