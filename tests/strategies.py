"""Hypothesis strategies over the random makers, so that what fails is shrunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle import Person
from tests.random_definitions import DefinitionMaker
from tests.random_people import random_people
from tests.random_times import Times, random_now, random_zone


@dataclass(frozen=True)
class Situation:
    """Contacts and definitions around one `now`."""

    zone: ZoneInfo
    now: datetime
    people: list[Person]
    definitions: list[dict[str, Any]]
    segments: dict[str, dict[str, Any] | set[int]] = field(default_factory=dict)
    """Those that definitions may refer to: their own definition, or who is listed."""


def random_situation(
    rng: Random, *, people: int = 6, definitions: int = 6, segments: int = 0
) -> Situation:
    zone = random_zone(rng)
    now = random_now(rng, zone)
    maker = DefinitionMaker(rng, Times(rng, zone, now))
    others = _segments(maker, people, segments) if segments else {}
    maker.segments = list(others)
    return Situation(
        zone,
        now,
        random_people(rng, zone=zone, now=now, count=people),
        [maker.definition() for _ in range(definitions)],
        others,
    )


def _segments(maker: DefinitionMaker, people: int, count: int) -> dict[str, Any]:
    """A list, and segments each of which may refer to those before it."""
    found: dict[str, Any] = {"list": set(maker.rng.sample(range(1, people + 1), people // 2))}
    for number in range(count):
        maker.segments = list(found)
        found[f"s{number}"] = maker.definition(depth=1)
    return found


situations = st.builds(
    random_situation, st.randoms(use_true_random=False), people=st.just(4), definitions=st.just(1)
)
