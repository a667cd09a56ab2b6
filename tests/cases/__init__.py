"""The shared cases (conditions.jsonl), read into plain data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.oracle import BUILT_IN_TEXTS, Happening, Person


@dataclass(frozen=True)
class CaseWorld:
    """Contacts, their events and what definitions may refer to."""

    name: str
    zone: str
    now: datetime
    fields: dict[str, str]
    segments: dict[str, dict[str, Any]]
    people: dict[str, Person]
    """By external id, which is also in `built_in`."""


@dataclass(frozen=True)
class Case:
    world: CaseWorld
    name: str
    definition: dict[str, Any]
    expect: list[str]


def _person(number: int, row: dict[str, Any], events: list[Happening], now: datetime) -> Person:
    created_at = row.get("created_at")
    return Person(
        id=number,
        created_at=datetime.fromisoformat(created_at) if created_at else now - timedelta(days=1),
        built_in={key: row[key] for key in BUILT_IN_TEXTS if key in row},
        attributes=row.get("attributes", {}),
        events=events,
    )


def _happening(row: dict[str, Any]) -> Happening:
    return Happening(
        type=row["type"],
        occurred_at=datetime.fromisoformat(row["occurred_at"]),
        message_id=row["message_id"],
        attributes=row.get("attributes", {}),
    )


def _world(number: int, row: dict[str, Any]) -> CaseWorld:
    now = datetime.fromisoformat(row["now"])
    events: dict[str, list[Happening]] = {}
    for event in row["events"]:
        events.setdefault(event["contact"], []).append(_happening(event))
    people = {
        contact["external_id"]: _person(index, contact, events.get(contact["external_id"], []), now)
        for index, contact in enumerate(row["contacts"], start=1)
    }
    segments = row.get("segments", {})
    return CaseWorld(f"world{number}", row["timezone"], now, row["fields"], segments, people)


def _cases() -> list[Case]:
    lines = (Path(__file__).parent / "conditions.jsonl").read_text().splitlines()
    found = []
    for number, row in enumerate(json.loads(line) for line in lines):
        world = _world(number, row)
        found += [
            Case(world, f"{world.name}-{case['id']}", case["definition"], case["expect"])
            for case in row["cases"]
        ]
    return found


CASES = _cases()
WORLDS = list({case.world.name: case.world for case in CASES}.values())
