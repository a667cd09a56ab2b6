"""Machines that share a database: when one of them dies under load, nothing is lost and nothing done twice."""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from campaigns.channels.mail import ADAPTERS
from campaigns.channels.tests.servers import gateway, mail_server
from tests import on_citus
from tests.copying_databases import copy_database
from tests.system.copying import machine_of
from tests.system.installation import TOP, Installation, wait_until
from tests.system.load import Client, Load
from tests.system.sharing import EXPORTS, PEOPLE

pytestmark = pytest.mark.slow

EVENTS = 1500
TAKES_OVER = 20.0
"""Seconds; usually it is a fraction of one."""
UNCLEAR = next(one.at_once for one in ADAPTERS if one.name == "smtp")
"""Messages that the killed sender was just handing over: as many as a mail server is handed at once."""
SECRET = "of-all-machines-" * 4


@dataclass
class Balancer(Client):
    """Goes from one web server to the next, as what stands before them would."""

    ports: Iterator[int] = field(default_factory=lambda: iter(()))

    def call(self, method: str, path: str, body: object = None) -> tuple[int | None, Any]:
        """Whoever only asks is sent on to the next when one does not answer."""
        self.port = next(self.ports)
        answer = super().call(method, path, body)
        if answer[0] is None and method == "GET":
            self.port = next(self.ports)
            answer = super().call(method, path, body)
        return answer


@pytest.fixture
def url(django_db_setup, django_db_blocker):
    """Of a database of its own, on the server that the tests have, made of the one that they have."""
    with django_db_blocker.unblock():
        params = connection.get_connection_params()
        connection.close()
    template = params["dbname"]
    known = {
        name: params[name] for name in ("host", "port", "user", "password") if params.get(name)
    }
    name = f"{template}_machines"
    user = quote(known.get("user", ""))
    who = user + (f":{quote(known['password'])}" if "password" in known else "")
    where = urlencode([(key, known[key]) for key in ("host", "port") if key in known], safe="/")
    address = f"postgresql://{who}@/{name}?{where}"
    if on_citus.WORKERS:
        with django_db_blocker.unblock(), on_citus.another(name):
            yield address
        return
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as server:
        copy_database(server, template=template, name=name)
        yield address
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def machines(started, tmp_path, url):
    """Stopped: one that does everything, one with web servers only, one with workers only."""
    made = [
        machine_of(
            started,
            tmp_path / name,
            url=url,
            SECRET_KEY=SECRET,
            SEGMENTFLOW_ADMIN_PASSWORD="admin-pass-123",
            EXPORT_DIR=str(tmp_path / "exports"),
            OUTBOUND_PRIVATE_HOSTS="127.0.0.1",
        )
        for name in ("all", "web", "workers")
    ]
    yield made
    for machine in made:
        machine.stop()
    assert [machine.processes() for machine in made] == [{}] * 3


def start(machines: list[Installation]) -> None:
    """All at once: one prepares the database, the others wait for it."""
    for machine, only in zip(machines, ((), ("--only", "web"), ("--only", "workers")), strict=True):
        machine.process = machine.up(*only)
    for machine in machines:
        wait_until(
            lambda machine=machine: (
                "  SegmentFlow " in machine.said() or machine.process.poll() is not None
            ),
            what="the start",
        )
        assert machine.process.poll() is None, machine.said()


def fill(machine: Installation, *, mail: int, hook: int) -> str:
    filled = subprocess.run(
        [sys.executable, "-m", "tests.system.sharing", str(mail), str(hook)],
        cwd=TOP,
        env=machine.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert filled.returncode == 0, filled.stderr
    return filled.stdout.split()[-1]


def rows(url: str, text: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as session:
        return session.execute(text).fetchall()


def is_all_done(client: Client, url: str) -> bool:
    status = client.get("/status")
    waiting = """
        SELECT (SELECT count(*) FROM outbound_webhookmove WHERE delivery_id IS NULL)
            + (SELECT count(*) FROM outbound_webhookdelivery WHERE state = 0)
            + (SELECT count(*) FROM outbound_exportrun WHERE state IN ('waiting', 'running'))
            + (SELECT count(*) FROM campaigns_message WHERE state < 3)
    """
    return status["pending_contacts"] == status["overdue_deadlines"] == 0 and rows(
        url, waiting
    ) == [(0,)]


def test_nothing_is_lost_or_done_twice_when_one_of_them_dies(machines, url):
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    first, front, workers = machines
    start(machines)
    with mail_server() as mail, gateway() as hook:
        key = fill(first, mail=mail.port, hook=hook.server_address[1])
        client = Balancer(port=0, key=key, ports=itertools.cycle((first.port, front.port)))
        load = Load(client, total=EVENTS, batch=15, contacts=PEOPLE)
        load.limit = 0.5
        threads = load.start(threads=3)
        wait_until(lambda: load.answered_share > 0.2, what="load")
        for export in client.get("/exports")["results"]:
            client.post(f"/exports/{export['id']}/run", {})
        wait_until(lambda: load.answered_share > 0.4, what="load")

        first.kill()
        takes_over(client, url)
        load.limit = 1.0
        for thread in threads:
            thread.join(60)
        wait_until(lambda: is_all_done(client, url), what="all that was to be done")

        same_events(load, url)
        told_once(hook, url)
        sent_once(mail, url)
    states = "SELECT state, count(*) FROM outbound_exportrun GROUP BY 1"
    assert rows(url, states) == [("done", EXPORTS)]
    checked = workers.manage("check_memberships")
    assert checked.returncode == 0, checked.stdout
    refuses_another_key(workers)


def takes_over(client: Client, url: str) -> None:
    """From the death of a machine until somebody else moves a contact because of a new event."""
    begun = time.monotonic()
    probe = {"contact": {"external_id": "probe"}, "type": "Purchase"}
    while client.call("POST", "/events", probe)[0] != 202:
        time.sleep(0.02)
    member = """
        SELECT count(*) FROM segments_membership m
        JOIN segments_segment s ON s.id = m.segment_id AND s.key = 'for-thanks'
        JOIN contacts_contact c ON c.id = m.contact_id AND c.external_id = 'probe'
    """
    wait_until(lambda: rows(url, member) == [(1,)], what="a move", seconds=TAKES_OVER)
    print(f"taken over in {time.monotonic() - begun:.2f} s")  # noqa: T201


def same_events(load: Load, url: str) -> None:
    stored = [name for (name,) in rows(url, "SELECT message_id FROM events_event")]
    sent = [name for name in stored if name.startswith("m") and name[1:].isdecimal()]
    assert load.refused == []
    assert len(load.answered) == EVENTS
    assert len(sent) == len(set(sent))
    assert set(sent) == load.answered


def told_once(hook: Any, url: str) -> None:
    """Each move is in one delivery; a delivery that comes again is the same."""
    by_delivery: dict[str, set[int]] = {}
    for request in hook.requests:
        moves = {move["id"] for move in json.loads(request.body)["moves"]}
        name = {key.lower(): value for key, value in request.headers.items()}["webhook-id"]
        assert by_delivery.setdefault(name, moves) == moves
    told = Counter(seq for moves in by_delivery.values() for seq in moves)
    happened = {seq for (seq,) in rows(url, "SELECT seq FROM outbound_webhookmove")}
    again = len(hook.requests) - len(by_delivery)
    print(f"{len(happened)} moves in {len(by_delivery)} deliveries, {again} sent again")  # noqa: T201
    assert set(told) == happened
    assert set(told.values()) == {1}


def sent_once(mail: Any, url: str) -> None:
    got = Counter(mail.recipients)
    states = dict(
        rows(
            url,
            """
            SELECT c.email, m.state FROM campaigns_message m
            JOIN contacts_contact c ON c.id = m.contact_id WHERE m.state IN (3, 5)
            """,
        )
    )
    sent = {address for address, state in states.items() if state == 3}
    print(f"{len(sent)} messages, {len(states) - len(sent)} unclear")  # noqa: T201
    assert set(got.values()) == {1}
    assert sent <= set(got) <= set(states)
    assert len(states) - len(sent) <= UNCLEAR
    buyers = "SELECT count(DISTINCT contact_id) FROM events_event e JOIN events_eventtype t ON t.id = e.type_id WHERE t.key = 'Purchase'"
    assert len(states) == rows(url, buyers)[0][0] - 1, "the probe has no address"


def refuses_another_key(machine: Installation) -> None:
    other = dict(
        machine.environment, SECRET_KEY="another" * 8, SEGMENTFLOW_DATA_DIR=f"{machine.data}-2"
    )
    refused = subprocess.run(
        [sys.executable, TOP / "manage.py", "up", "--only", "workers", "--no-demo"],
        env=other,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 1
    assert "another secret key" in refused.stdout + refused.stderr
