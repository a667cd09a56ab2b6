"""Who uses a field or an event type, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

Kind = Literal["field", "event"]
Answerer = Callable[[str, str], list[str]]


class Use(NamedTuple):
    """What uses something, and where it is shown."""

    name: str
    url: str


Lister = Callable[[Kind, Sequence[str]], Mapping[str, Sequence[Use]]]

_answerers: list[Answerer] = []
_listers: list[Lister] = []


def on_ask(answerer: Answerer) -> None:
    """Have `answerer` name what uses the field or event type with a key: (kind, key) -> names."""
    if answerer not in _answerers:
        _answerers.append(answerer)


def uses_of(kind: Kind, key: str) -> list[str]:
    """The names of everything that uses it, in order; it must not be deleted while there are any."""
    return sorted({name for answerer in _answerers for name in answerer(kind, key)})


def on_list(lister: Lister) -> None:
    """Have `lister` say what uses several of them, by their keys: (kind, keys) -> uses."""
    if lister not in _listers:
        _listers.append(lister)


def uses_by_key(kind: Kind, keys: Sequence[str]) -> dict[str, list[Use]]:
    """What uses each of them, for pages that show many; keys that nothing uses are left out."""
    found: dict[str, list[Use]] = {}
    for lister in _listers:
        for key, uses in lister(kind, keys).items():
            found.setdefault(key, []).extend(uses)
    return {key: sorted(uses) for key, uses in found.items()}
