"""The gallery: which templates fit what is searched, and what each would mean here and now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from segmentflow.limits import TooSlow
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.engine.counting import Counted, count_quickly
from segments.starting.finding import Existing, Found, definition_with, sentence_with
from segments.starting.gallery import TEMPLATES, categories, own_templates
from segments.starting.template import Template

YOURS: Final = "Yours"
READY_MADE: Final = "Ready-made"


@dataclass(frozen=True, slots=True)
class Shown:
    template: Template
    sentence: str
    found: list[Found]

    @property
    def missing(self) -> list[Found]:
        return [one for one in self.found if not one.is_here and not one.is_in_the_way]

    @property
    def in_the_way(self) -> list[Found]:
        return [one for one in self.found if one.is_in_the_way]

    @property
    def is_ready(self) -> bool:
        return all(one.is_here for one in self.found)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Templates under one heading."""

    title: str
    shown: list[Shown]


def shelves(*, search: str, category: str, zone: ZoneInfo) -> list[Shelf]:
    """Own templates first, then those that come along; none that is empty."""
    existing, words = Existing(), search.casefold().split()
    fitting = [
        one
        for template in (*own_templates(), *TEMPLATES)
        if category in ("", template.category) or (category == YOURS and template.is_own)
        for one in [shown(template, existing, zone)]
        if _fits(one, words)
    ]
    found = [
        Shelf(title, [one for one in fitting if one.template.is_own == is_own])
        for title, is_own in ((YOURS, True), (READY_MADE, False))
    ]
    return [shelf for shelf in found if shelf.shown]


def choices_of_category() -> list[str]:
    return [YOURS, *categories()]


def shown(template: Template, existing: Existing, zone: ZoneInfo) -> Shown:
    found = existing.look_for(template)
    try:
        said = sentence_with(template, found, zone)
    except InvalidDefinition:  # stored by another version, with another idea of what is valid
        said = ""
    return Shown(template, said, found)


def _fits(one: Shown, words: list[str]) -> bool:
    said = " ".join(_told(one)).casefold()
    return all(word in said for word in words)


def _told(one: Shown) -> Iterator[str]:
    template = one.template
    yield from (template.name, template.description, template.category, template.author)
    yield one.sentence
    yield from (found.key for found in one.found)


def matching_now(template: Template, *, now: datetime) -> Counted | None:
    """How many contacts it would find; None while something is missing, or when counting is slow."""
    found = Existing().look_for(template)
    try:
        group = parse(definition_with(template, found), current_catalog())
        return count_quickly(group, now=now)
    except (InvalidDefinition, TooSlow):
        return None
