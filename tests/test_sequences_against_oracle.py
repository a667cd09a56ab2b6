"""Sequences in histories whose events follow each other by just the durations that are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.oracle import Happening, Person, is_member, shifted
from tests.random_people import EVENT_TYPES
from tests.random_times import JITTERS, Times, random_now, random_zone
from tests.strategies import Situation
from tests.test_sql_against_oracle import answers_about, check_situation

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
DISTANCES = (
    *((1, "minute"), (1, "hour"), (24, "hour"), (1, "day"), (2, "day"), (1, "week")),
    *((1, "month"), (1, "month"), (3, "month"), (1, "year")),
)
TICK = timedelta(microseconds=1)


class ChainMaker:
    """Draws sequences with a few distances, and people who keep them, nearly keep them, or miss them."""

    def __init__(self, rng: Random, zone: ZoneInfo, now: datetime) -> None:
        self.rng, self.zone, self.now = rng, zone, now
        self.times = Times(rng, zone, now)
        self.distances = [self._duration() for _ in range(2)]

    def definition(self) -> Json:
        rng = self.rng
        steps: list[Json] = [
            {"event": rng.choice(EVENT_TYPES)} for _ in range(rng.choice((2, 3, 4)))
        ]
        for step in steps[1:]:
            if rng.random() < 0.7:
                step["within"] = rng.choice(self.distances)
        if rng.random() < 0.5:
            steps[-1] |= {"performed": False, "within": rng.choice(self.distances)}
        if rng.random() < 0.2:
            rng.choice(steps)["where"] = self._where()
        node: Json = {"kind": "sequence", "steps": steps, **self._window()}
        return {"kind": "group", "match": "all", "children": [node]}

    def person(self, number: int) -> Person:
        """Several chains of events, side by side, some at the same instants."""
        events: list[Happening] = []
        for _ in range(self.rng.randint(1, 4)):
            at = self.times.instant(ahead=0.1)
            for _ in range(self.rng.randint(1, 6)):
                kind = self.rng.choice(EVENT_TYPES)
                carried = {"when": self.times.instant().isoformat()}
                events.append(Happening(kind, at, f"m{len(events)}", carried))
                if self.rng.random() < 0.8:
                    at = shifted(at, self.rng.choice(self.distances), 1, self.zone)
                    at += self.rng.choice((*JITTERS, timedelta(hours=-11), timedelta(days=-1)))
        return Person(number, self.now, events=events)

    def _duration(self) -> Json:
        amount, unit = self.rng.choice(DISTANCES)
        return {"amount": amount, "unit": unit}

    def _window(self) -> Json:
        rng, since = self.rng, self.times.instant(ahead=0)
        span = rng.choice(((3, "month"), (193, "day"), (1, "year"), (2, "month"), (400, "hour")))
        windows: list[Json] = [
            {"kind": "ever"},
            {"kind": "last", "amount": span[0], "unit": span[1]},
            {"kind": "last", **rng.choice(self.distances)},
            {"kind": "after", "at": since.isoformat()},
            {"kind": "before", "at": since.isoformat()},
            {
                "kind": "between",
                "from": (since - timedelta(days=50)).isoformat(),
                "to": since.isoformat(),
            },
            {
                "kind": "period",
                "period": rng.choice(("this_month", "last_month", "today", "this_year")),
            },
        ]
        return {"window": rng.choice(windows)} if rng.random() < 0.85 else {}

    def _where(self) -> Json:
        last = {"kind": "attribute", "attribute": "when", "type": "datetime", "operator": "in_last"}
        return {"kind": "group", "match": "all", "children": [last | {"value": self._duration()}]}


@pytest.mark.parametrize("seed", range(60))
def test_chains_answer_as_the_oracle_does(seed: int):
    rng = Random(seed)
    zone = random_zone(rng)
    now = random_now(rng, zone)
    maker = ChainMaker(rng, zone, now)
    people = [maker.person(n) for n in range(1, 11)]
    definitions = [maker.definition() for _ in range(5)]

    check_situation(Situation(zone, now, people, definitions), rng)


def test_the_earlier_of_two_may_be_followed_for_longer():
    """A month after 30 January at six in the evening is later than one after 31 January in the morning."""
    steps = [{"event": "Visit"}, {"event": "Purchase", "within": {"amount": 1, "unit": "month"}}]
    events = [
        Happening("Visit", datetime(2026, 1, 30, 18, tzinfo=UTC), "m1"),
        Happening("Visit", datetime(2026, 1, 31, 10, tzinfo=UTC), "m2"),
        Happening("Purchase", datetime(2026, 2, 28, 17, tzinfo=UTC), "m3"),
    ]
    window = {"kind": "last", "amount": 60, "unit": "day"}

    answers = answers_about(
        {"kind": "sequence", "steps": steps, "window": window},
        events,
        now=datetime(2026, 3, 1, tzinfo=UTC),
    )

    assert answers == {1: (True, datetime(2026, 3, 31, 18, tzinfo=UTC) + TICK)}


def test_what_happens_at_the_same_instant_does_not_follow():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    at_once = [Happening("Visit", now, "m1"), Happening("Purchase", now, "m2")]
    steps = [{"event": "Visit"}, {"event": "Purchase", "within": {"amount": 1, "unit": "hour"}}]

    assert answers_about({"kind": "sequence", "steps": steps}, at_once, now=now) == {}


def test_of_two_in_an_hour_that_comes_twice_the_earlier_may_be_followed_for_longer():
    """At 2:40, and half an hour later at 2:10; a day after them it is 2:10 first."""
    zone = ZoneInfo("Europe/Warsaw")
    steps = [{"event": "Visit"}, {"event": "Purchase", "within": {"amount": 1, "unit": "day"}}]
    node = {"kind": "sequence", "steps": steps}
    events = [
        Happening("Visit", datetime(2026, 10, 25, 0, 40, tzinfo=UTC), "m1"),
        Happening("Visit", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), "m2"),
        Happening("Purchase", datetime(2026, 10, 26, 1, 20, tzinfo=UTC), "m3"),
    ]
    now = datetime(2026, 11, 1, tzinfo=UTC)
    definition = {"kind": "group", "match": "all", "children": [node]}
    person = Person(1, now, events=events)

    assert is_member(definition, person, now, zone, {}, {})
    check_situation(Situation(zone, now, [person], [definition]), Random(1))


def test_of_those_who_were_not_followed_the_newest_counts_for_longest():
    hour = {"amount": 1, "unit": "hour"}
    steps = [{"event": "Visit"}, {"event": "Purchase", "within": hour, "performed": False}]
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    days = (6, 2, 4)
    visits = [Happening("Visit", now - timedelta(days=day), f"m{day}") for day in days]
    window = {"kind": "last", "amount": 7, "unit": "day"}

    answers = answers_about({"kind": "sequence", "steps": steps, "window": window}, visits, now=now)

    assert answers == {1: (True, now + timedelta(days=5) + TICK)}
