"""An installation to break: with segments, a stream of events, a webhook, a campaign, and somebody who looks at pages."""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from bench.faults.apart import Apart
from bench.faults.clocks import Clock
from bench.faults.probing import Prober
from bench.faults.proxy import Network
from bench.faults.receivers import Receiver
from bench.faults.stream import Stream
from bench.mailsink import Sink, sink
from bench.speed.waiting import say
from segmentflow.database.location import Location
from tests.system.browsing import Person
from tests.system.campaigning import fill
from tests.system.copying import PASSWORD, copy_of
from tests.system.installation import Installation, free_port, wait_until
from tests.system.load import DEFINITIONS, Client, all_of, is_caught_up

ACTIVE = all_of(
    {"kind": "event", "event": "Visit", "window": {"kind": "last", "amount": 2, "unit": "minute"}}
)
QUERY_SECONDS = 60.0
START_SECONDS = 240.0
"""Of the first start, where others keep the processors busy."""
TOLD = ("spenders", "recent", "browsers", "loyal", "active")
"""Segments that begin empty; the webhook tells of them."""
MEMBERS = """
    SELECT s.key, c.external_id FROM segments_membership m
    JOIN segments_segment s ON s.id = m.segment_id JOIN contacts_contact c ON c.id = m.contact_id
    WHERE s.key = ANY(%s)
"""


class World:
    """`apart`: its database is not its own; `like`: begins as a copy of a stopped installation."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        rate: float,
        people: int,
        apart: bool,
        like: Path | None = None,
    ) -> None:
        self.folder, self._seed, self._rate, self._people = folder, seed, rate, people
        self._stack = ExitStack()
        data = folder / "data"
        self.installation = copy_of(like, data) if like and not apart else Installation(data)
        self.installation.environment |= {
            "SEGMENTFLOW_ADMIN_PASSWORD": PASSWORD,
            "OUTBOUND_PRIVATE_HOSTS": "127.0.0.1",
        }
        self.apart: Apart | None = None
        self.clock: Clock | None = None
        self.ahead = 0
        """Seconds that all clocks are ahead of the machine's."""
        if apart:
            self._put_apart()

    def _put_apart(self) -> None:
        database_clock = None
        if Clock.is_possible():
            self.clock = Clock(self.folder, "installation")
            database_clock = Clock(self.folder, "database")
            self.installation.environment |= self.clock.environment
        self.apart = Apart(self.folder / "apart", database_clock)
        self._stack.callback(self.apart.stop)
        self._stack.callback(self.apart.network.close)
        self.installation.environment["DATABASE_URL"] = self.apart.shown_url

    @property
    def elsewhere(self) -> Apart:
        """For faults whose name begins with “apart”."""
        if self.apart is None:
            raise RuntimeError("This world has its database to itself.")
        return self.apart

    @property
    def url(self) -> str:
        return self.apart.direct_url if self.apart else Location(self.installation.data).url

    def start(self) -> None:
        begun = time.monotonic()
        self.installation.start(patience=START_SECONDS)
        self._stack.callback(self.installation.stop)
        self._make_receivers()
        made = fill(self.installation, port=self.mail_way.port, people=self._people, newcomers=0)
        self.campaign = made.thanks
        self.client = self._client()
        self._make_segments()
        self.person = Person(self.installation.port, name="admin", password=PASSWORD)
        self._start_campaign()
        self.stream = Stream(self.client, rate=self._rate, contacts=self._people, seed=self._seed)
        self.prober = Prober(self.person, self.client)
        say(f"{self.folder.name}: ready after {time.monotonic() - begun:.0f} s")
        self.stream.start()
        self._stack.callback(self.stream.stop)
        self.prober.start()
        self._stack.callback(self.prober.stop)

    def close(self) -> None:
        self._stack.close()

    def query(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Asked again while the database is away."""
        until = time.monotonic() + QUERY_SECONDS
        while True:
            try:
                with psycopg.connect(self.url, connect_timeout=5) as connection:
                    return connection.execute(text, values).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def members(self) -> set[tuple[str, str]]:
        return set(self.query(MEMBERS, list(TOLD)))

    def is_up(self) -> bool:
        """Pages are there, somebody works, and the latest event was taken."""
        answer = self.client.ask("GET", "/status", seconds=5)
        return answer.status == 200 and b'"workers":0' not in answer.body.replace(b" ", b"")

    def is_caught_up(self) -> bool:
        return is_caught_up(self.client)

    def _client(self) -> Client:
        scopes = "ingest,read,write"
        made = self.installation.manage(
            *("create_api_key", "faults", "--scopes", scopes),
            *("--requests-per-second", "40", "--events-per-second", "2000"),
        )
        if made.returncode:
            raise SystemExit(made.stderr)
        return Client(port=self.installation.port, key=made.stdout.split()[-1])

    def _make_receivers(self) -> None:
        self.receiver = Receiver()
        self._stack.callback(self.receiver.server_close)
        self._stack.callback(self.receiver.shutdown)
        self.hook_way = Network(self.receiver.port)
        self._stack.callback(self.hook_way.close)
        self.mails: Sink = self._stack.enter_context(sink(free_port()))
        self.mail_way = Network(self.mails.port)
        self._stack.callback(self.mail_way.close)

    def _make_segments(self) -> None:
        self.client.ask("POST", "/event-types", {"key": "Visit"})
        for key, definition in {**DEFINITIONS, "active": ACTIVE}.items():
            segment = {"key": key, "name": key.title(), "status": "live", "definition": definition}
            self.client.post("/segments", segment)
        self.client.post(
            "/webhooks",
            {
                "name": "Shop",
                "url": f"http://127.0.0.1:{self.hook_way.port}/moves",
                "segments": list(TOLD),
                "fields_told": ["external_id"],
            },
        )

    def _start_campaign(self) -> None:
        page = f"/campaigns/{self.campaign}/start"
        found = re.findall(
            r'name="(revision|receiving)" type="hidden" value="(\d+)"', self.person.get(page)
        )
        self.person.post(page, **dict(found))
        status = "SELECT status FROM campaigns_campaign WHERE id = %s"
        wait_until(lambda: self.query(status, self.campaign) == [("live",)], what="the campaign")

    def backends(self) -> list[int]:
        """Processes of the database that serve the installation's sessions."""
        return [
            pid
            for (pid,) in self.query(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid()"
            )
        ]

    def pids(self, part: str) -> list[int]:
        """The supervisor's own process of that command line, and all below it."""
        found = []
        for main in self.installation.mains_of(part):
            found += [main, *self.installation.below(main)]
        return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
