"""An import stores each contact once and refuses each bad row once, however often it is killed."""

from __future__ import annotations

import csv
import io
import os
import random
import time
from dataclasses import dataclass

import psycopg
import pytest

from segmentflow.database.location import Location
from tests.system.browsing import Person
from tests.system.copying import PASSWORD
from tests.system.installation import wait_until
from tests.system.killing import EVERYTHING, Killer

pytestmark = pytest.mark.slow

ROWS = int(os.environ.get("SEGMENTFLOW_KILL_ROWS", "60000"))
KILLS = ["worker", "cluster", "backend", EVERYTHING, "worker", "database", "watch", "worker"]
SEED = int(os.environ.get("SEGMENTFLOW_KILL_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
WRONG = {
    11: lambda n: f"u{n},u{n}@example.com,Oslo,{n},too,many",
    12: lambda n: f",nobody{n}@example.com,Oslo,{n}",
    13: lambda n: f"u{n},u{n}@example.com,Oslo,many",
    14: lambda n: f'u{n},u{n}@example.com,"Os\nlo",1.2.3',
}
"""Each 500 rows there is one of each of these."""


@dataclass(frozen=True)
class File:
    content: bytes
    good: int
    bad_lines: list[int]


def make_file() -> File:
    out, bad, line = ["id,Email,City,Score"], [], 2
    for n in range(ROWS):
        wrong = WRONG.get(n % 500)
        row = wrong(n) if wrong else f'u{n},u{n}@example.com,"City\n{n % 7}",{n}'
        if wrong:
            bad.append(line)
        out.append(row)
        line += 1 + row.count("\n")
    return File("\n".join(out).encode(), ROWS - len(bad), bad)


class Import:
    """What the database has about the only one."""

    def __init__(self, url: str) -> None:
        self._url = url

    def row(self) -> tuple[str, float, int, int, int, str] | None:
        """None while the database is away."""
        try:
            with psycopg.connect(self._url, connect_timeout=5) as connection:
                return connection.execute(
                    """
                    SELECT state, position::float / greatest(total, 1), created, updated, refused, error
                    FROM contacts_contactimport
                    """
                ).fetchone()
        except psycopg.OperationalError:
            return None

    def has_come_to(self, share: float) -> bool:
        row = self.row()
        return row is not None and (row[1] >= share or row[0] != "running")

    def has_ended(self) -> bool:
        row = self.row()
        return row is not None and row[0] in ("done", "failed", "cancelled")


@pytest.fixture
def admin(installed):
    installed.start()
    return Person(installed.port, name="admin", password=PASSWORD)


def test_every_contact_is_stored_once_and_every_bad_row_refused_once(installed, admin):
    print(f"SEGMENTFLOW_KILL_SEED={SEED}")  # noqa: T201 - to run a failure again
    chance, file, url = random.Random(SEED), make_file(), Location(installed.data).url
    page = admin.upload("/contacts/imports", name="people.csv", content=file.content)
    begun = time.monotonic()
    admin.post(page, action="run", **{"target-3": "new:number", "style-3": "plain"})
    one, killer = Import(url), Killer(installed, chance)

    for number, kind in enumerate(KILLS):
        due = (number + chance.random()) / (len(KILLS) + 1)
        wait_until(lambda due=due: one.has_come_to(due), what="the import", seconds=300)
        killer.kill(kind)
    wait_until(one.has_ended, what="the end of the import", seconds=300)
    took = time.monotonic() - begun
    print(f"{ROWS} rows, {took:.0f} s, {killer.killed}, {one.row()}")  # noqa: T201

    assert one.row() == ("done", 1.0, file.good, 0, len(file.bad_lines), "")
    wait_until(lambda: installed.status_of("/sign-in") == 200, what="the web server")
    _, *refused = csv.reader(io.StringIO(admin.get(f"{page}/refused.csv")))
    assert [int(row[0]) for row in refused] == file.bad_lines
    with psycopg.connect(url) as connection:
        stored = connection.execute(
            "SELECT external_id, email, city, attributes ->> 'Score' FROM contacts_contact"
        ).fetchall()
    assert len(stored) == file.good
    assert set(stored) == {
        (f"u{n}", f"u{n}@example.com", f"City\n{n % 7}", str(n))
        for n in range(ROWS)
        if n % 500 not in WRONG
    }
