"""Installations of the benchmark's own: filled, with live segments, one running at a time.

They are started as people start them, by `manage.py up`, with the durability of PostgreSQL's
defaults. `full` has the size of the issue, `small` a tenth of its contacts and events.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dj_database_url

from bench.speed.making import QUICK_SCALE
from bench.speed.waiting import say, wait_until_built, wait_until_settled

if TYPE_CHECKING:
    from bench.meanwhile import Processes
    from tests.system.installation import Installation

PASSWORD = "bench-password-1"  # noqa: S105 - of installations that only the benchmark has
SECRET_KEY = "bench-" + 44 * "x"
SEGMENTS = 100
PROBE = "probe"
"""A segment whose only condition an event fulfils at once, and no stored one does."""
PROBE_EVENT = "Account_login"
PROBE_DEFINITION: dict[str, Any] = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "event",
            "event": PROBE_EVENT,
            "where": {
                "kind": "group",
                "match": "all",
                "children": [
                    {
                        "kind": "attribute",
                        "attribute": "probe",
                        "type": "text",
                        "operator": "equals",
                        "value": "yes",
                    }
                ],
            },
        }
    ],
}
SIZES = {
    # For what needs so many segments that it would take an hour to build them.
    "fewer": (20_000, 400_000),
    "small": (100_000, 2_000_000),
    "full": (1_000_000, 20_000_000),
}
LEAST_CONTACTS, LEAST_EVENTS = 1_000, 10_000


@dataclass
class Site:
    """An installation that runs and has caught up; Django in this process reads its database."""

    name: str
    url: str
    api_key: str
    processes: Processes
    contacts: int
    """How many it was filled with; their external ids are c-1, c-2 and so on."""
    events: int
    first_contact_id: int
    probe_id: int
    """Of the segment that probes enter."""
    installation: Installation
    is_warm: bool = False
    _next_probe: int = field(default=0)

    @property
    def port(self) -> int:
        return self.installation.port

    def fresh_contacts(self, number: int) -> list[int]:
        """Contacts that no probe has been sent for yet, by their numbers; perhaps fewer."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT c.id FROM contacts_contact c
                WHERE c.id < %s AND c.id <= %s AND NOT EXISTS (
                    SELECT FROM segments_membership m
                    WHERE m.contact_id = c.id AND m.segment_id = %s
                )
                ORDER BY c.id DESC LIMIT %s
                """,
                [
                    self._next_probe or self.first_contact_id + self.contacts,
                    self.first_contact_id + self.contacts - 1,
                    self.probe_id,
                    number,
                ],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if ids:
            self._next_probe = ids[-1]
        return [contact_id - self.first_contact_id + 1 for contact_id in ids]

    def id_of(self, contact_number: int) -> int:
        return self.first_contact_id + contact_number - 1


class Stage:
    def __init__(self, scale: float, runs: int, folder: Path) -> None:
        self.scale, self.runs, self.folder = scale, runs, folder
        self._site: Site | None = None
        self._resting: dict[str, Site] = {}
        """Others that run, where nothing is measured and starting takes longer than all the rest."""
        self.sites: tuple[str, ...] = ("small", "full")
        """Where the steady stream is measured."""
        self.said: dict[str, float] = {}
        """Seconds that fills and first builds took, where they were done by this run."""
        self.server_version = ""
        self.memory: float | None = None
        """Megabytes after the stream at full size, once that was measured."""
        self.grown: float | None = None
        """Bytes of the table of events for each that came by the stream at full size."""

    @property
    def segments(self) -> int:
        """Live ones besides that of the probes; fewer where nothing is measured."""
        return SEGMENTS if self.scale > QUICK_SCALE else SEGMENTS * 2 // 5

    @property
    def running(self) -> str | None:
        return self._site.name if self._site else None

    def amount(self, full: int, *, least: int = 1) -> int:
        """How much of something to do: all from a tenth of the full scale on, less below."""
        return max(least, min(full, int(10 * self.scale * full)))

    @contextmanager
    def on(self, name: str) -> Iterator[Site]:
        """The installation of that name, caught up; started unless it runs."""
        if self._site is None or self._site.name != name:
            self._leave()
            self._site = self._rested(name) or self._start(name)
        wait_until_settled()
        yield self._site

    def _leave(self) -> None:
        if self.scale > QUICK_SCALE:
            self.close()
        elif self._site is not None:
            self._resting[self._site.name] = self._site
            self._site = None

    def _rested(self, name: str) -> Site | None:
        site = self._resting.pop(name, None)
        if site is not None:
            use_database(self.folder / name)
        return site

    def close(self) -> None:
        running = [*self._resting.values(), *([self._site] if self._site else [])]
        self._resting, self._site = {}, None
        if running:
            from django.db import connections

            connections.close_all()
        for site in running:
            site.installation.stop()

    def _start(self, name: str) -> Site:
        from bench.meanwhile import Processes
        from tests.system.installation import Installation

        contacts, events = self.size(name)
        os.environ["SEGMENTFLOW_ADMIN_PASSWORD"] = PASSWORD
        # One for both: it signs tasks, and a cluster passes over those of another one's.
        os.environ["SECRET_KEY"] = SECRET_KEY
        installation = Installation(self.folder / name)
        say(f"{name}: starting")
        installation.start()
        try:
            use_database(self.folder / name)
            self._once(f"{name}.filled", lambda: _fill(contacts, events))
            self._once(f"{name}.built", lambda: build(self.segments))
            contacts, events, first = _counted()
            site = Site(
                name=name,
                url=f"http://127.0.0.1:{installation.port}",
                api_key=_api_key(),
                processes=Processes(installation.pid),
                contacts=contacts,
                events=events,
                first_contact_id=first,
                probe_id=_probe_id(),
                installation=installation,
            )
            self.server_version = _server_version()
            wait_until_settled()
        except BaseException:
            installation.stop()
            raise
        say(f"{name}: ready, {contacts:,} contacts, {events:,} events")
        return site

    def size(self, name: str) -> tuple[int, int]:
        contacts, events = SIZES[name]
        if self.scale < 1:
            contacts = max(LEAST_CONTACTS, int(contacts * self.scale))
            events = max(LEAST_EVENTS, int(events * self.scale))
        return contacts, events

    def _once(self, mark: str, do: Callable[[], object]) -> None:
        """Leaves a file, so that a folder that is kept need not be filled or built again."""
        done = self.folder / mark
        if done.exists():
            return
        begun = time.monotonic()
        do()
        self.said[mark] = time.monotonic() - begun
        say(f"{mark} in {self.said[mark]:.0f} s")
        done.touch()


def use_database(data: Path) -> None:
    """Have Django in this process read and write the database of another installation."""
    import django
    from django.apps import apps
    from django.db import connections

    from segmentflow.database.location import Location

    if not apps.ready:
        os.environ["SEGMENTFLOW_DATA_DIR"] = str(data)
        os.environ["DATABASE_URL"] = Location(data).url
        os.environ["DJANGO_SETTINGS_MODULE"] = "segmentflow.settings"
        django.setup()
    from segments.engine import facts

    connections.close_all()
    parsed = dj_database_url.parse(Location(data).url)
    # The same object for the connections of all threads.
    connections.settings["default"]["OPTIONS"]["host"] = parsed["OPTIONS"]["host"]
    # Versions of definitions have other ids there.
    facts._known.clear()


def _fill(contacts: int, events: int) -> None:
    from bench.speed.world import fill

    fill(contacts=contacts, events=events)


def build(segments: int) -> None:
    """Make the live segments and wait until the installation has built them."""
    from bench.speed.world import definitions
    from segmentflow.clock import current_time
    from segments.models import Segment
    from segments.services import create_segment

    known = set(Segment.objects.values_list("key", flat=True))
    for key, definition in [*definitions(segments), (PROBE, PROBE_DEFINITION)]:
        if key not in known:
            create_segment(
                key=key,
                name=key[:100],
                definition=definition,
                author=None,
                now=current_time(),
            )
    wait_until_built()


def _counted() -> tuple[int, int, int]:
    """Contacts of the fill, events, and the id of c-1; the fill gave them ids one after the other."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), min(id), max(id) - min(id) + 1 FROM contacts_contact
            WHERE external_id ~ '^c-[0-9]+$'
            """
        )
        contacts, first, span = cursor.fetchone()
        if contacts != span:
            raise SystemExit("The contacts of this folder are not those of one fill.")
        cursor.execute("SELECT count(*) FROM events_event")
        return contacts, cursor.fetchone()[0], first


def _server_version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]


def _api_key() -> str:
    from segmentflow.api.keys import create_key

    return create_key(name="bench", scopes=["ingest"])[1]


def _probe_id() -> int:
    from segments.models import Segment

    return int(Segment.objects.values_list("pk", flat=True).get(key=PROBE))
