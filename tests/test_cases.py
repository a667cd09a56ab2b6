"""The product finds the members of every shared case, however the world came to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client, override_settings

from segmentflow.api.keys import create_key
from segments.engine.settle import settle
from tests import worlds
from tests.cases import CASES, WORLDS, Case, CaseWorld
from tests.oracle import Happening, Person

pytestmark = pytest.mark.django_db


def cases_of(world: CaseWorld) -> list[Case]:
    return [case for case in CASES if case.world is world]


def key_of(case: Case) -> str:
    return f"case-{case.name}"[:64]


def register(world: CaseWorld) -> None:
    """The fields, and every event type that an event or a definition names."""
    told = {event.type for person in world.people.values() for event in person.events}
    definitions = [*world.segments.values(), *(case.definition for case in cases_of(world))]
    named = {key for definition in definitions for key in event_types_in(definition)}
    worlds.register(world.fields, sorted(told | named))


def event_types_in(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        if isinstance(node.get("event"), str):
            yield node["event"]
        for value in node.values():
            yield from event_types_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from event_types_in(item)


def publish(world: CaseWorld) -> None:
    for key, definition in world.segments.items():
        worlds.publish(key, definition, now=world.now)
    for case in cases_of(world):
        worlds.publish(key_of(case), case.definition, now=world.now)


def feed_at_once(world: CaseWorld) -> None:
    for person in world.people.values():
        worlds.send_events(worlds.send_contact(person), person.events, now=world.now)


def feed_bit_by_bit(world: CaseWorld, api: Api) -> None:
    """Contacts and events over HTTP in a random order, caught up with after each few.

    Some events arrive before their contact is known by more than its external id.
    """
    rng = Random(world.name)
    moves: list[tuple[str, Happening | None]] = [(name, None) for name in world.people]
    moves += [(name, event) for name, person in world.people.items() for event in person.events]
    rng.shuffle(moves)
    for number, (name, event) in enumerate(moves):
        if event:
            api.post("/events", raw_event(name, event))
        else:
            api.post("/contacts", raw_contact(world.people[name]))
        if number % 20 == 0:
            # Time goes on while the data comes in.
            settle(now=world.now - timedelta(hours=len(moves) - number))
    settle(now=world.now)


class Api:
    """The door that programs use."""

    def __init__(self, client: Client) -> None:
        self._client = client
        _, key = create_key(name="test", scopes=["ingest"])
        self._headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, body: dict[str, Any]) -> None:
        answer = self._client.post(
            f"/api/v1{path}", body, content_type="application/json", headers=self._headers
        )
        assert answer.status_code in (200, 201, 202), answer.content


def raw_contact(person: Person) -> dict[str, Any]:
    return {**person.built_in, "attributes": person.attributes}


def raw_event(external_id: str, event: Happening) -> dict[str, Any]:
    return {
        "contact": {"external_id": external_id},
        "type": event.type,
        "occurred_at": event.occurred_at.isoformat(),
        "message_id": event.message_id,
        "attributes": event.attributes,
    }


def wrong_cases(world: CaseWorld) -> dict[str, tuple[set[str], set[str]]]:
    """By name: whom a case should have found, and whom it has."""
    found = {
        case.name: (set(case.expect), worlds.members_of(key_of(case)))
        for case in CASES
        if case.world is world
    }
    return {name: both for name, both in found.items() if both[0] != both[1]}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_segments_built_over_all_the_data_have_the_members_of_each_case(world: CaseWorld):
    with override_settings(TIME_ZONE=world.zone):
        register(world)
        feed_at_once(world)
        publish(world)
        settle(now=world.now)

        assert wrong_cases(world) == {}


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_segments_that_followed_the_data_have_the_members_of_each_case(
    world: CaseWorld, client: Client
):
    with override_settings(TIME_ZONE=world.zone):
        register(world)
        publish(world)
        settle(now=world.now - timedelta(days=30))
        feed_bit_by_bit(world, Api(client))

        assert wrong_cases(world) == {}
