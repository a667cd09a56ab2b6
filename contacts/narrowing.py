"""Lists of contacts narrowed by what this app knows nothing of, such as segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

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


class Chip(NamedTuple):
    """One of several conditions that a list is filtered by."""

    words: str
    problem: str
    """Why it is not understood; empty when it is."""
    without: str
    """What the parameter is once this one is gone."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """What the parameter of a filter asks for."""

    chips: Sequence[Chip]
    holds: RawSQL | None
    """Whether a row of contacts is left. None: something is not understood, and nobody is."""
    problem: str = ""
    """Why nobody is."""


class About(NamedTuple):
    number: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that contacts must meet; another app knows them and has the pages to choose them."""

    parameter: str
    read: Callable[[str, datetime], Filtered]
    count: Callable[[str, Mapping[str, str], datetime], About | None]
    """How many are left by it and by the narrowings, from a part of them if it has to be."""
    choose: str
    """Name of the page to add a condition; it is given the address of the list as query."""
    edit: str
    """Of the page to change one."""
    keep: str
    """Of the page to make something lasting of the conditions."""
    keep_label: str
    keep_needs: tuple[str, ...]
    needs: tuple[str, ...]
    """Permissions to filter at all."""


_filters: list[Filter] = []


def on_filter(given: Filter) -> None:
    """Let lists of contacts be filtered by it."""
    _filters[:] = [given]


def list_filter() -> Filter | None:
    return _filters[0] if _filters else None
