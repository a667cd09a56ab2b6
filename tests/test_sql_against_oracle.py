"""The product's SQL and the oracle give the same answers, now and until they may change."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from tests.oracle import Person, is_member
from tests.random_people import FIELDS
from tests.random_times import DURATIONS
from tests.stored import store_catalog, store_people
from tests.strategies import Situation, random_situation, situations

pytestmark = pytest.mark.django_db

MICROSECOND = timedelta(microseconds=1)
Answers = dict[int, tuple[bool, datetime | None]]


def sql_answers(definition: dict[str, Any], *, now: datetime) -> Answers:
    """By contact id: the truth and until when it holds; the others are out for good."""
    group = parse(definition, current_catalog())
    parts = compiled(group, facts=current_facts([group]), now=now)
    with connection.cursor() as cursor:
        cursor.execute(parts.rows(), parts.params)
        return {contact_id: (truth, until) for contact_id, truth, until in cursor.fetchall()}


def truth(definition: dict[str, Any], person: Person, now: datetime, situation: Situation) -> bool:
    return is_member(definition, person, now, situation.zone, FIELDS, {})


def later_instants(rng: Random, now: datetime, person: Person, until: datetime | None):
    """Instants before `until`, those where something might change first."""
    units = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
    edges = [now + MICROSECOND, *([until - MICROSECOND] if until else [])]
    for moment in [now, *(event.occurred_at for event in person.events)]:
        amount, unit = rng.choice([row for row in DURATIONS if row[1] in units])
        edges.append(moment + timedelta(seconds=amount * units[unit]))
    edges += [now + timedelta(seconds=rng.expovariate(1 / 1e6)) for _ in range(3)]
    edges.append(now + timedelta(days=rng.choice((1, 29, 31, 366, 1461))))
    return [edge for edge in edges if edge > now and (until is None or edge < until)]


def check_situation(situation: Situation, rng: Random) -> None:
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        store_catalog()
        store_people(situation.people)
        for definition in situation.definitions:
            check_definition(definition, situation, rng)
        transaction.set_rollback(True)


def check_definition(definition: dict[str, Any], situation: Situation, rng: Random) -> None:
    answers = sql_answers(definition, now=situation.now)
    for person in situation.people:
        found, until = answers.get(person.id, (False, None))
        right = truth(definition, person, situation.now, situation)
        assert found == right, (definition, person, situation.now, situation.zone)
        assert until is None or until > situation.now, (definition, person)
        for instant in later_instants(rng, situation.now, person, until):
            still = truth(definition, person, instant, situation)
            assert still == found, ("until", until, instant, definition, person, situation)


@pytest.mark.parametrize("seed", range(60))
def test_the_sql_answers_as_the_oracle_does(seed: int):
    rng = Random(seed)

    check_situation(random_situation(rng, people=8, definitions=6), rng)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(situation=situations)
def test_the_sql_answers_as_the_oracle_does_in_small_situations(situation: Situation):
    check_situation(situation, Random(1))
