"""Tables from a name to a builder of which a configuration selects some entries; the others decide nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pkgutil import resolve_name
from typing import Any, Generic, TypeVar, Unpack

from assay.config.errors import UserError
from assay.config.section import Declared, Section, choice, items_of

__all__ = ["Plain", "Slot", "SlotConfig", "Terms", "builder_named", "builders_of", "made_by"]

Entry = TypeVar("Entry")


class Slot(Mapping[str, Entry], Generic[Entry]):
    """A table of which one value of the configuration selects one entry: `Slot("loss.mode", {"binary": ...})`.

    Entries stand in the call as they are, so that the code of the one that is selected can be told from the others'.
    A slot that takes parts of a network, each with values of its own, is a `SlotConfig`.

    Args:
        path: dotted path of the value that names an entry.
        entries: name -> builder.
    """

    def __init__(self, path: str, entries: Mapping[str, Entry]) -> None:
        self.path, self._entries = path, dict(entries)

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Terms(Slot[Entry]):
    """A table of which every entry is selected whose weight is not 0: `Terms("loss", {"gram.weight": ...})`.

    Args:
        path: dotted path of the section that holds the weights.
        entries: path of a weight in this section -> what computes the term.
    """

    def of(self, section: Section) -> Iterator[tuple[float, Entry]]:
        """Weight and entry of every term that is asked for, in the table's order.

        Args:
            section: the one that `path` names.
        """
        for name, entry in self.items():
            if weight := _at(section, name):
                yield weight, entry


@dataclass(frozen=True)
class Plain(Section):
    """The configuration of a kind that has nothing to set."""


@dataclass(frozen=True)
class SlotConfig(Section):
    """A slot of a network as a table: `kind` names what is in it, and each kind is a field with values of its own.

        @dataclass(frozen=True)
        class BaseConfig(SlotConfig):
            '''Base branch. Takes and gives features (B, C, H, W).'''

            kind: str = "transformer"
            transformer: TransformerConfig = made_by("package.module:TransformerBranch", TransformerConfig)
            convolution: Plain = made_by("package.module:convolution")

    The choices of `kind` are the fields of `made_by`, and nothing else. The values of a kind that is not chosen
    (`base.transformer.groups`) mean nothing and name no result.
    """

    kind: str

    def __init_subclass__(cls, at: str | None = None) -> None:
        super().__init_subclass__(at)
        default = cls.__dict__.get("kind")
        if isinstance(default, str):
            cls.kind = _chosen_from(cls, default, {})
        elif isinstance(default, Field):
            cls.kind = _chosen_from(cls, default.default, default.metadata)

    def idle(self) -> set[str]:
        """The kinds that are not chosen, too; all, if the choice was left out."""
        chosen = set() if "kind" in self.lacks else {self.kind}
        return super().idle() | (_builders(type(self)).keys() - chosen)

    def build(self, *shared: Any, **named: Any) -> Any:
        """What the chosen kind makes.

        Args:
            shared, named: what the slot hands to every kind; the kind's own section comes after the former.
        """
        make = builder_named(_builders(type(self))[self.kind], f"{self.prefix}.kind={self.kind}")
        return make(*shared, getattr(self, self.kind), **named)


def made_by(place: str, config: type[Section] = Plain, **declared: Unpack[Declared]) -> Any:
    """A kind of a slot, see `SlotConfig`.

    Args:
        place: `package.module:name` of the class or function that makes the part; imported when it is asked for.
        config: the section of the kind's own values.
        declared: holds for all of these.
    """
    return field(default_factory=config, metadata={"builder": place, **declared})


def builder_named(text: str, asked_by: str) -> Callable[..., Any]:
    """What a text `package.module:name` stands for.

    Args:
        text: see above.
        asked_by: the value that asks for it, for the message.

    Raises:
        UserError: there is no such thing.
    """
    try:
        found: Callable[..., Any] = resolve_name(text)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"{asked_by} asks for {text}, which cannot be imported: {error}") from error
    return found


def builders_of(section: Section) -> Iterator[str]:
    """The builders that a configuration asks for: those of chosen kinds, and of numbers that are not 0."""
    idle = section.idle()
    for item in (each for each in items_of(section) if each.name not in idle):
        value = getattr(section, item.name)
        if value and "builder" in item.metadata:
            yield item.metadata["builder"]
        if isinstance(value, Section):
            yield from builders_of(value)


def _builders(slot: type[Section]) -> dict[str, str]:
    """Kind -> what makes it."""
    return {item.name: item.metadata["builder"] for item in fields(slot) if "builder" in item.metadata}


def _chosen_from(slot: type[SlotConfig], default: Any, declared: Mapping[str, Any]) -> Any:
    """The field `kind`: one of the kinds that the class and those above it have."""
    above = getattr(slot, "__dataclass_fields__", {})
    kinds = [name for name, item in {**above, **vars(slot)}.items() if "builder" in getattr(item, "metadata", ())]
    if default not in kinds:
        raise TypeError(f"{slot.__name__}: expected a kind among {', '.join(kinds)}; got {default!r}")
    return choice(default, *(name for name in kinds if name != default), **declared)


def _at(section: Any, path: str) -> Any:
    for name in path.split("."):
        section = getattr(section, name)
    return section
