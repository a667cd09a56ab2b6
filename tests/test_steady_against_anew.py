"""A statement that was written earlier answers as one that is written anew, for as long as it says it is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.test import override_settings

from segments.catalog import current_catalog
from segments.conditions.calendar import transitions
from segments.conditions.moving import SHORTEST_HORIZON
from segments.conditions.parse import parse
from segments.conditions.sql.compiler import Compiled
from segments.engine.counting import EVERYBODY
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts
from segments.engine.near import near
from tests.random_times import later_instants
from tests.stored import store_catalog, store_people, store_segments
from tests.strategies import Situation, random_situation
from tests.test_sql_against_oracle import Answers

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)


def answers(parts: Compiled, *, at: datetime) -> Answers:
    params = parts.params | parts.steady.params_at(at) | EVERYBODY
    with connection.cursor() as cursor:
        cursor.execute(near(parts.rows(), only="true", params=params), params)
        return {contact_id: (truth, until) for contact_id, truth, until in cursor.fetchall()}


def instants(rng: Random, situation: Situation, parts: Compiled) -> list[datetime]:
    """Those at which something may change, and the last at which the statement is right."""
    now, until = situation.now, parts.steady.until
    found = [now, now + TICK, now + rng.random() * timedelta(hours=20)]
    found += [at for person in situation.people for at in later_instants(rng, now, person, until)]
    changes = [change for change, _, _ in transitions(situation.zone, now.year)]
    found += [at + n * timedelta(minutes=30) for at in changes for n in range(-3, 4)]
    if until is not None:
        found += [until - TICK, until]
    right = sorted(at for at in found if parts.steady.includes(at))
    return rng.sample(right, min(len(right), 8))


def check_situation(situation: Situation, rng: Random) -> int:
    """Answers how many instants after the first were compared."""
    compared = 0
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        store_catalog()
        store_people(situation.people)
        store_segments(situation.segments)
        for definition in situation.definitions:
            group = parse(definition, current_catalog())
            facts = current_facts([group])
            kept = compiled(group, facts=facts, now=situation.now)
            for at in instants(rng, situation, kept):
                anew = compiled(group, facts=facts, now=at)
                assert kept.rows() == anew.rows(), definition
                assert_same(answers(kept, at=at), answers(anew, at=at), at=at)
                compared += at > situation.now
        transaction.set_rollback(True)
    return compared


def assert_same(kept: Answers, anew: Answers, *, at: datetime) -> None:
    assert kept.keys() == anew.keys()
    # How far boundaries are followed is told when a statement is written.
    far = at + SHORTEST_HORIZON - timedelta(days=10)
    for contact_id, (truth, until) in kept.items():
        right, lasts = anew[contact_id]
        assert truth == right, (contact_id, at)
        is_sooner = until is not None and (lasts is None or until < lasts)
        assert until == lasts or (is_sooner and until and until > far), (contact_id, at)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_kept_answers_as_what_is_written_anew(seed: int):
    rng = Random(seed)

    compared = check_situation(random_situation(rng, people=8, definitions=6), rng)

    assert compared > 5


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_what_is_kept_answers_as_what_is_written_anew_through_other_segments(seed: int):
    rng = Random(seed)

    compared = check_situation(random_situation(rng, people=8, definitions=6, segments=3), rng)

    assert compared > 5
