"""Lists of contacts narrowed by what this app knows nothing of, such as segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

Narrower = Callable[[str], QuerySet[Any, Any]]
"""From what was asked for to the ids of the contacts, as a subquery."""


class Choice(NamedTuple):
    """Something that a list can be narrowed to."""

    value: str
    name: str
    url: str
    """Of the page about it."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a parameter of a list means, for programs and for people."""

    ids: Narrower
    label: str
    """Of one choice, such as "Segment"."""
    choices: Callable[[str], Sequence[Choice]]
    """What can be chosen, by name, with what has been chosen if there is such a thing."""


_narrowings: dict[str, Narrowing] = {}


def on_narrow(parameter: str, narrowing: Narrowing) -> None:
    """Have `narrowing` say which contacts a parameter of the list leaves."""
    _narrowings[parameter] = narrowing


def narrowings() -> dict[str, Narrowing]:
    return dict(_narrowings)


def narrowers() -> dict[str, Narrower]:
    return {parameter: narrowing.ids for parameter, narrowing in _narrowings.items()}
