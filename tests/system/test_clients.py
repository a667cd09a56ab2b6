"""The official libraries deliver each event once, whatever lies between them and us."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NoReturn

import psycopg
import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from segmentflow.database.location import Location
from tests.system.trouble import trouble

pytestmark = pytest.mark.slow

NODE_PROGRAM = shutil.which("node") or "node"
EVENTS = 10_000
PEOPLE = 500
NODE_LIBRARY = "@segment/analytics-node@3.1.0"
NODE = """
import { Analytics } from "@segment/analytics-node"

const [host, writeKey, type, events, people] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 500, flushInterval: 200, maxRetries: 10 })
let failed = 0
analytics.on("error", () => { failed += 1 })
for (let n = 0; n < Number(events); n++) {
  const userId = `node-${n % Number(people)}`
  analytics.track({ userId, event: type, properties: { n } })
}
analytics.identify({ userId: "node-0", traits: { firstName: "Node", seats: 3 } })
await analytics.closeAndFlush({ timeout: 60000 })
process.exit(failed ? 1 : 0)
"""


@pytest.fixture(scope="module")
def key(running):
    made = running.manage("create_api_key", "clients", "--scopes", "ingest")
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[-1]


def stored(running, type_: str) -> tuple[int, int, int]:
    """Events of a type, how many of them are different, and how many people did them."""
    with psycopg.connect(Location(running.data).url) as connection:
        row = connection.execute(
            """
            SELECT count(*), count(DISTINCT e.attributes ->> 'n'), count(DISTINCT e.contact_id)
            FROM events_event e JOIN events_eventtype t ON t.id = e.type_id
            WHERE t.key = %s
            """,
            [type_],
        ).fetchone()
    assert row is not None
    return row


def person(running, external_id: str) -> tuple[str, dict[str, object]]:
    with psycopg.connect(Location(running.data).url) as connection:
        row = connection.execute(
            "SELECT first_name, attributes FROM contacts_contact WHERE external_id = %s",
            [external_id],
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("gzip", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("library", [SegmentClient, RudderClient], ids=["segment", "rudder"])
def test_a_python_library_delivers_each_event_once(running, key, library, gzip):
    name = f"{library.__module__.partition('.')[0]}-{'gzip' if gzip else 'plain'}"
    problems: list[object] = []
    with trouble(running.port) as server:
        client = library(
            key,
            host=server.address,
            gzip=gzip,
            on_error=lambda problem, _: problems.append(problem),
            max_queue_size=2 * EVENTS,
            upload_size=500,
            thread=2,
        )
        for n in range(EVENTS):
            client.track(f"{name}-{n % PEOPLE}", name, {"n": n})
        client.identify(f"{name}-0", {"firstName": "Ann", "seats": 3})
        client.shutdown()

    assert not problems
    assert server.seen["refused"] >= 2
    assert server.seen["lost"] >= 2
    assert set(server.answered) == {200}
    assert stored(running, name) == (EVENTS, EVENTS, PEOPLE)
    assert person(running, f"{name}-0") == ("Ann", {"seats": 3})


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A folder in which the library for Node is installed."""
    npm = shutil.which("npm")
    if npm is None:
        _give_up("needs Node and npm")
    folder = tmp_path_factory.mktemp("node")
    (folder / "send.mjs").write_text(NODE)
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", NODE_LIBRARY],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        _give_up(f"npm could not install {NODE_LIBRARY}: {installed.stderr[-500:]}")
    return folder


def _give_up(reason: str) -> NoReturn:
    """A machine may have no npm or reach no registry; the one that decides has to."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_the_library_for_node_delivers_each_event_once(running, key, node):
    with trouble(running.port) as server:
        command = [NODE_PROGRAM, "send.mjs", server.address, key, "node", str(EVENTS), str(PEOPLE)]
        sent = subprocess.run(command, cwd=node, capture_output=True, text=True, check=False)

    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert server.seen["refused"] >= 2
    assert server.seen["lost"] >= 2
    assert set(server.answered) == {200}
    assert stored(running, "node") == (EVENTS, EVENTS, PEOPLE)
    assert person(running, "node-0") == ("Node", {"seats": 3})
