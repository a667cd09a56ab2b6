"""A list filtered by a definition has exactly whom the oracle finds, in any order."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from contacts.columns import NAME
from contacts.narrowing import Filtered
from contacts.selecting import Selection
from contacts.sorting import Order
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.filtering import holding
from tests.oracle import is_member
from tests.random_people import FIELDS
from tests.stored import store_catalog, store_people, store_segments
from tests.strategies import Situation, random_situation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(4000, 4012))
def test_a_filtered_list_has_whom_the_oracle_finds(seed: int):
    rng = Random(seed)
    situation = random_situation(rng, people=8, definitions=6, segments=rng.choice((0, 2)))
    with override_settings(TIME_ZONE=situation.zone.key), transaction.atomic():
        store_catalog()
        store_people(situation.people)
        store_segments(situation.segments)
        for definition in situation.definitions:
            check_list(definition, situation)
        transaction.set_rollback(True)


def check_list(definition: dict[str, Any], situation: Situation) -> None:
    group = parse(definition, current_catalog())
    selection = Selection(filtered=Filtered((), holding(group, now=situation.now)))
    expected = {person.id for person in situation.people if is_right(person, definition, situation)}

    found = selection.contacts()

    assert {contact.pk for contact in found} == expected
    assert found.count() == len(expected)
    by_name = Order(NAME, is_descending=True).after(found, None, backwards=False)
    assert sorted(contact.pk for contact in by_name) == sorted(expected)


def is_right(person: Any, definition: dict[str, Any], situation: Situation) -> bool:
    now, zone, segments = situation.now, situation.zone, situation.segments
    return is_member(definition, person, now, zone, FIELDS, segments)
