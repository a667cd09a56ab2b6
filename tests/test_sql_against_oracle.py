"""The product's SQL and the oracle give the same answers, now and until they may change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from segments.catalog import current_catalog
from segments.conditions.nodes import Group
from segments.conditions.parse import parse
from segments.engine.counting import EVERYBODY
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.near import near
from tests.oracle import Happening, Person, is_member
from tests.random_edges import telling_instants
from tests.random_people import FIELDS
from tests.random_times import later_instants
from tests.stored import store_catalog, store_people, store_segments
from tests.strategies import Situation, random_situation, situations

pytestmark = pytest.mark.django_db

Answers = dict[int, tuple[bool, datetime | None]]


def sql_answers(definition: dict[str, Any], *, now: datetime) -> Answers:
    """By contact id: the truth and until when it holds; the others are out for good.

    Asked in both ways, one contact after the other and many at once.
    """
    group = parse(definition, current_catalog())
    one_by_one, at_once = (answers_of(group, now=now, many=many) for many in (False, True))
    assert at_once == one_by_one, definition
    return one_by_one


def answers_of(group: Group, *, now: datetime, many: bool) -> Answers:
    parts = compiled(group, facts=current_facts([group]), now=now, many=many)
    with connection.cursor() as cursor:
        params = parts.params | EVERYBODY
        cursor.execute(near(parts.rows(), only="true", params=params), params)
        return {contact_id: (truth, until) for contact_id, truth, until in cursor.fetchall()}


def truth(definition: dict[str, Any], person: Person, now: datetime, situation: Situation) -> bool:
    segments = situation.segments
    return is_member(definition, person, now, situation.zone, FIELDS, segments)


def check_situation(situation: Situation, rng: Random) -> None:
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        store_catalog()
        store_people(situation.people)
        store_segments(situation.segments)
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
        for instant in instants_before(until, definition, person, situation, rng):
            still = truth(definition, person, instant, situation)
            assert still == found, ("until", until, instant, definition, person, situation)


def instants_before(
    until: datetime | None,
    definition: dict[str, Any],
    person: Person,
    situation: Situation,
    rng: Random,
) -> list[datetime]:
    named = [definition, *situation.segments.values()]
    telling = telling_instants(
        rng, named, person, now=situation.now, until=until, zone=situation.zone
    )
    return [*telling, *later_instants(rng, situation.now, person, until)]


@pytest.mark.parametrize("seed", range(60))
def test_the_sql_answers_as_the_oracle_does(seed: int):
    rng = Random(seed)

    check_situation(random_situation(rng, people=8, definitions=6), rng)


@pytest.mark.parametrize("seed", range(1000, 1030))
def test_the_sql_answers_as_the_oracle_does_through_other_segments(seed: int):
    rng = Random(seed)

    check_situation(random_situation(rng, people=8, definitions=6, segments=3), rng)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(situation=situations)
def test_the_sql_answers_as_the_oracle_does_in_small_situations(situation: Situation):
    check_situation(situation, Random(1))


def test_a_count_compared_with_a_missing_field_is_false():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    own = {"field": "Score"}
    condition = {"kind": "event", "event": "Visit", "operator": "at_least", "value": own}
    definition = {"kind": "group", "match": "all", "children": [condition]}
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people([Person(1, now)])

        assert sql_answers(definition, now=now) == {}


@pytest.mark.parametrize("unit", ["day", "year"])
def test_a_window_may_be_longer_than_the_calendar(unit: str):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    window = {"kind": "last", "amount": 10_000, "unit": unit}
    condition = {"kind": "event", "event": "Visit", "window": window}
    definition = {"kind": "group", "match": "all", "children": [condition]}
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people([Person(1, now, events=[Happening("Visit", now, "m1")])])

        (is_in, _), *_ = sql_answers(definition, now=now).values()

    assert is_in


@pytest.mark.parametrize(
    ("operator", "day"), [("in_next", "9999-12-31"), ("in_last", "0001-01-01")]
)
def test_the_ends_of_the_calendar_are_no_further_than_the_longest_duration(operator, day):
    """Days that stand for "never" elsewhere."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    longest = {"amount": 10_000, "unit": "year"}
    condition = {"kind": "field", "field": "Due", "operator": operator, "value": longest}
    definition = {"kind": "group", "match": "all", "children": [condition]}
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people([Person(1, now, attributes={"Due": day})])

        (is_in, _), *_ = sql_answers(definition, now=now).values()

    assert is_in


def test_a_list_of_what_is_no_text_is_not_missing():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    tagged = {"kind": "attribute", "attribute": "tags", "type": "list", "operator": "is_set"}
    where = {"kind": "group", "match": "all", "children": [tagged]}
    condition = {"kind": "event", "event": "Visit", "where": where, "operator": "equals"}
    definition = {"kind": "group", "match": "all", "children": [condition | {"value": 2}]}
    tags: tuple[list[object], ...] = ([None], [{}], [])
    events = [Happening("Visit", now, f"m{n}", {"tags": tag}) for n, tag in enumerate(tags)]
    with override_settings(TIME_ZONE="UTC"):
        store_catalog()
        store_people([Person(1, now, events=events)])

        assert sql_answers(definition, now=now) == {1: (True, None)}


def answers_about(
    condition: dict[str, Any], events: list[Happening], *, now: datetime, zone: str = "UTC"
) -> Answers:
    definition = {"kind": "group", "match": "all", "children": [condition]}
    with override_settings(TIME_ZONE=zone):
        store_catalog()
        store_people([Person(1, now, events=events)])
        return sql_answers(definition, now=now)


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "event", "event": "Visit"},
        {"kind": "event", "event": "Visit", "operator": "equals", "value": 1},
        {"kind": "event", "event": "Visit", "measure": {"of": "days"}, "value": 1},
        {"kind": "event", "event": "Visit", "measure": {"of": "sum", "attribute": "n"}, "value": 5},
        {"kind": "event", "event": "Visit", "measure": {"of": "average", "attribute": "n"}},
        {"kind": "sequence", "steps": [{"event": "Visit"}, {"event": "Purchase"}]},
    ],
    ids=str,
)
def test_a_month_ago_may_lie_earlier_tomorrow(condition: dict[str, Any]):
    now = datetime(2026, 3, 28, 23, tzinfo=UTC)
    if condition.get("measure"):
        condition = {"operator": "at_least", "value": 1, **condition}
    window = {"kind": "last", "amount": 1, "unit": "month"}
    noon = Happening("Visit", datetime(2026, 2, 28, 12, tzinfo=UTC), "m1", {"n": 5})
    later = Happening("Purchase", datetime(2026, 3, 1, tzinfo=UTC), "m2")

    answers = answers_about(condition | {"window": window}, [noon, later], now=now)

    assert answers == {1: (False, datetime(2026, 3, 29, tzinfo=UTC))}


THIRTY = {"amount": 30, "unit": "day"}
SIXTY = {"amount": 60, "unit": "day"}
OLDER = {"kind": "before_ago", **THIRTY}
BETWEEN = {"kind": "between_ago", "from": SIXTY, "to": THIRTY}
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Warsaw"])
@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "event", "event": "Visit"},
        {"kind": "event", "event": "Visit", "measure": {"of": "sum", "attribute": "n"}},
        {"kind": "sequence", "steps": [{"event": "Visit"}, {"event": "Purchase"}]},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("window", "days_ago", "is_in", "days_until"),
    [
        (OLDER, 10, False, timedelta(days=30) + TICK),
        (OLDER, 40, True, None),
        (BETWEEN, 10, False, timedelta(days=30)),
        (BETWEEN, 40, True, timedelta(days=60) + TICK),
        (BETWEEN, 60, True, timedelta(days=60) + TICK),
    ],
)
def test_what_is_too_recent_counts_when_it_is_old_enough(
    condition: dict[str, Any],
    window: dict[str, Any],
    zone: str,
    days_ago: int,
    *,
    is_in: bool,
    days_until: timedelta | None,
):
    now = datetime(2026, 7, 20, 12, tzinfo=UTC)
    if condition.get("measure"):
        condition = {"operator": "at_least", "value": 1, **condition}
    visit = Happening("Visit", now - timedelta(days=days_ago), "m1", {"n": 5})
    later = Happening("Purchase", now - timedelta(days=1), "m2")

    answers = answers_about(condition | {"window": window}, [visit, later], now=now, zone=zone)

    until = None if days_until is None else visit.occurred_at + days_until
    assert answers == {1: (is_in, until)}


def test_nothing_has_followed_only_after_the_time_to_follow_is_over():
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    hour = {"amount": 1, "unit": "hour"}
    steps = [{"event": "Visit"}, {"event": "Purchase", "within": hour, "performed": False}]
    visit = Happening("Visit", now - timedelta(hours=1), "m1")

    answers = answers_about({"kind": "sequence", "steps": steps}, [visit], now=now)

    assert answers == {1: (False, now + timedelta(microseconds=1))}
