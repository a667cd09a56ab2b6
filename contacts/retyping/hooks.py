"""Who depends on the type of a field, asked without importing those who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Objection(NamedTuple):
    """What would make no sense any more if the field had another type."""

    name: str
    url: str
    problem: str
    is_draft: bool = False
    """A draft may be mended later; anything else forbids the change."""


@dataclass(frozen=True, slots=True)
class Dependant:
    locker: Callable[[], None]
    """Takes the locks that have to be taken before those on fields and rows."""
    object_to: Callable[[str, str], Sequence[Objection]]
    """From the field's key and the new type."""
    follow: Callable[[str], None]
    """Called with the key in the transaction in which the type changes."""


_dependants: list[Dependant] = []


def on_retype(dependant: Dependant) -> None:
    if dependant not in _dependants:
        _dependants.append(dependant)


def hold_dependants() -> None:
    for one in _dependants:
        one.locker()


def objections(key: str, type_: str) -> list[Objection]:
    """Everything that would make no sense any more, what forbids the change first."""
    found = [said for one in _dependants for said in one.object_to(key, type_)]
    return sorted(found, key=lambda said: (said.is_draft, said.name))


def follow(key: str) -> None:
    for one in _dependants:
        one.follow(key)
