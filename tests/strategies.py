"""Hypothesis strategies over the random makers, so that what fails is shrunk."""

from __future__ import annotations

from dataclasses import dataclass
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


def random_situation(rng: Random, *, people: int = 6, definitions: int = 6) -> Situation:
    zone = random_zone(rng)
    now = random_now(rng, zone)
    maker = DefinitionMaker(rng, Times(rng, zone, now))
    return Situation(
        zone,
        now,
        random_people(rng, zone=zone, now=now, count=people),
        [maker.definition() for _ in range(definitions)],
    )


situations = st.builds(
    random_situation, st.randoms(use_true_random=False), people=st.just(4), definitions=st.just(1)
)
