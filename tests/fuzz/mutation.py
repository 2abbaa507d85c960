"""How an input is made wrong: bytes that flip or get lost, values of other types, texts that mean something."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

__all__ = ["NUMBERS", "Chance", "changed", "damaged"]

# `AROUND` stands for a folder that no command is given.
_TEXTS = (
    *("", " ", ".", "..", "/", "~", "~nobody/x", "-", "--all", "null", "true", "???", "CON", "x" * 300, "🙂" * 80),
    *("../../around/victim", "AROUND/victim", "../" * 9 + "tmp/x", "a/../../b", "a\\b", "a/b", "file:///AROUND/victim"),
    *("a\nb", "a\0b", "a\tb", "\x1b[31mred", "\u202egnp.exe", "\u2028", "\ud800", "café", "cafe\u0301", "白天"),
    *(
        "${oc.env:HOME}",
        "${seed}",
        "{x}",
        "{{7*7}}",
        "%s%n",
        "<script>",
        "=1+1",
        "[A] w/o",
        "a & b \\\\ _x",
        "'",
        '"',
        "#",
    ),
    *("nan", "inf", "1e999", "0x10", "1:30", "2020-01-31", "!!python/object:os.system", "*a", "&a"),
)
NUMBERS = (0, -1, 1, 2, 2.5, -0.0, 1e-300, 1e308, float("nan"), float("inf"), 2**31, 2**63, 10**30, True, False)
_OTHERS: tuple[Any, ...] = (None, [], {}, [None], [[]], {"": None}, {"a": {"b": []}}, "text", 7, 0.5, [1, "a", None])


class Chance(Random):
    """What decides, the same for the same seed.

    Args:
        seed: any text.
        around: a folder that no command is given; some texts are paths into it.
    """

    def __init__(self, seed: str, around: str = "/around") -> None:
        super().__init__(seed)
        self._texts = [text.replace("AROUND", around) for text in _TEXTS]

    def text(self) -> str:
        """A text that means something to somebody."""
        return self.choice(self._texts)


def damaged(data: bytes, chance: Chance) -> bytes:
    """The bytes with one to four faults of the kinds that disks, editors and attackers make."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_DAMAGES)(data, chance)
    return data


def changed(value: Any, chance: Chance) -> Any:
    """What JSON or YAML says, with one or two places that say something else, are missing, or are there besides."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2))):
        holder = {"": value}
        place, key = chance.choice(list(_places(holder)))
        chance.choice(_CHANGES)(place, key, chance)
        value = next(iter(holder.values()), None)
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _odd(chance: Chance) -> Any:
    return chance.choice((chance.text(), chance.choice(NUMBERS), copy.deepcopy(chance.choice(_OTHERS))))


def _replace(place: Any, key: Any, chance: Chance) -> None:
    place[key] = _odd(chance)


def _replace_by_text(place: Any, key: Any, chance: Chance) -> None:
    place[key] = chance.text()


def _retype(place: Any, key: Any, chance: Chance) -> None:
    """The same in another type."""
    value = place[key]
    place[key] = chance.choice((str(value), [value], {"a": value}, [value, value], value is not None))


def _remove(place: Any, key: Any, chance: Chance) -> None:
    del place[key]


def _rename(place: Any, key: Any, chance: Chance) -> None:
    if isinstance(place, dict):
        place[chance.text()] = place.pop(key)
    else:
        place.insert(0, place.pop(key))


def _add(place: Any, key: Any, chance: Chance) -> None:
    if isinstance(place, dict):
        place[chance.text()] = _odd(chance)
    else:
        place.append(_odd(chance))


def _nest(place: Any, key: Any, chance: Chance) -> None:
    for _ in range(chance.choice((3, 60, 150))):
        place[key] = chance.choice(([place[key]], {"a": place[key]}))


_CHANGES: tuple[Callable[[Any, Any, Chance], None], ...] = (
    *(_replace, _replace, _replace_by_text, _retype, _remove, _rename, _add, _nest),
)


def _flip(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data) or 1)
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :] if data else b"\0"


def _cut(data: bytes, chance: Chance) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _part(data: bytes, chance: Chance) -> slice:
    begin = chance.randrange(len(data) + 1)
    return slice(begin, begin + chance.choice((1, 4, 16, 200)))


def _lose(data: bytes, chance: Chance) -> bytes:
    part = _part(data, chance)
    return data[: part.start] + data[part.stop :]


def _overwrite(data: bytes, chance: Chance) -> bytes:
    part = _part(data, chance)
    length = len(data[part])
    return (
        data[: part.start]
        + chance.choice((b"\0" * length, b"\xff" * length, chance.randbytes(length)))
        + data[part.stop :]
    )


def _insert(data: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(data) + 1)
    text = chance.text().encode("utf-8", "surrogatepass")
    return data[:place] + chance.choice((text, chance.randbytes(3), b"\n", b"\xef\xbb\xbf", b"\r\n")) + data[place:]


def _repeat(data: bytes, chance: Chance) -> bytes:
    part = _part(data, chance)
    return data[: part.stop] + data[part] * chance.choice((1, 50)) + data[part.stop :]


def _recode(data: bytes, chance: Chance) -> bytes:
    return data.decode("latin-1").encode(chance.choice(("utf-16", "utf-8", "utf-32")))


_DAMAGES: tuple[Callable[[bytes, Chance], bytes], ...] = (
    *(_flip, _flip, _cut, _lose, _overwrite, _overwrite, _insert, _insert, _repeat, _recode),
)
