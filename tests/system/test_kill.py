"""What was answered 202 is kept, and members are right, however often processes are killed."""

from __future__ import annotations

import os
import random
import time

import pytest

from segmentflow.database.location import Location
from tests.system.installation import wait_until
from tests.system.killing import EVERYTHING, VICTIMS, Killer
from tests.system.load import DEFINITIONS, Client, Load, is_caught_up, stored_message_ids

pytestmark = pytest.mark.slow

# script/test tests a few thousand; 50,000 take some minutes.
EVENTS = int(os.environ.get("SEGMENTFLOW_KILL_EVENTS", "3000"))
CONTACTS = EVENTS // 5
KILLS = max(8, EVENTS // 1500)
SEED = int(os.environ.get("SEGMENTFLOW_KILL_SEED", "0")) or random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def client(installed):
    installed.start()
    made = installed.manage("create_api_key", "load", "--scopes", "ingest,read,write")
    assert made.returncode == 0, made.stderr
    client = Client(port=installed.port, key=made.stdout.split()[-1])
    for key in ("Purchase", "Visit"):
        client.post("/event-types", {"key": key})
    for key, definition in DEFINITIONS.items():
        segment = {"key": key, "name": key.title(), "status": "live", "definition": definition}
        client.post("/segments", segment)
    return client


def disturb(killer: Killer, load: Load, chance: random.Random) -> None:
    """All kinds in a random order, then any; neither load nor kills get far ahead."""
    kinds = [*VICTIMS, EVERYTHING]
    order = [*chance.sample(kinds, len(kinds)), *chance.choices(kinds, k=KILLS - len(kinds))]
    for number, kind in enumerate(order):
        load.limit = (number + 2) / len(order)
        due = (number + chance.random()) / len(order)
        wait_until(lambda due=due: load.answered_share >= due, what="the load", seconds=600)
        killer.kill(kind)


def test_nothing_answered_is_lost_and_all_members_are_right_after_kills(installed, client):
    print(f"SEGMENTFLOW_KILL_SEED={SEED}")  # noqa: T201 - to run a failure again
    chance = random.Random(SEED)
    load = Load(client, total=EVENTS, batch=max(10, EVENTS // 250), contacts=CONTACTS)
    killer = Killer(installed, chance)

    begun = time.monotonic()
    threads = load.start(threads=3)
    disturb(killer, load, chance)
    for thread in threads:
        thread.join(600)
    wait_until(lambda: is_caught_up(client), what="everything to be looked at")
    took = time.monotonic() - begun
    print(f"{EVENTS} events, {took:.0f} s, {killer.killed}, {client.statuses}")  # noqa: T201

    stored = stored_message_ids(Location(installed.data).url)
    assert load.refused == []
    assert len(load.answered) == EVENTS
    assert len(stored) == len(set(stored))
    assert set(stored) == load.answered
    checked = installed.manage("check_memberships")
    assert checked.returncode == 0, checked.stdout
    assert all(client.get(f"/segments/{key}")["member_count"] > 0 for key in DEFINITIONS)
