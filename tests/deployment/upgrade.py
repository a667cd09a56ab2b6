"""docs/upgrading.md, “One machine”: to a version with one more migration, while events are sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployment.guide import steps_of
from tests.deployment.machine import Machine
from tests.deployment.one_server import SITE, count_events, send_event
from tests.deployment.visitor import Visitor
from tests.system.installation import TOP

MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "{before}")]
    operations = [
        migrations.RunSQL("CREATE TABLE of_the_next_version ()", "DROP TABLE of_the_next_version")
    ]
"""
IS_THERE = (
    """runuser -u postgres -- psql segmentflow -Atc "SELECT to_regclass('of_the_next_version')" """
)


class Sender(threading.Thread):
    """Sends each event until it is answered 202."""

    def __init__(self, visitor: Visitor, key: str, first: int) -> None:
        super().__init__()
        self._visitor, self._key, self._first = visitor, key, first
        self._ended = threading.Event()
        self.sent = self.refused = 0
        self.longest = 0.0

    def run(self) -> None:
        while not self._ended.is_set():
            begun = time.monotonic()
            while send_event(self._visitor, self._key, self._first + self.sent) != 202:
                self.refused += 1
                time.sleep(0.1)
            self.longest = max(self.longest, time.monotonic() - begun)
            self.sent += 1

    @contextmanager
    def going(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self._ended.set()
            self.join()


def check_upgrade(machine: Machine, folder: Path) -> Iterator[str]:
    """To a next version, and the way back of its migration."""
    before = sorted(path.stem for path in (TOP / "contacts/migrations").glob("0*.py"))[-1]
    machine.publish("contacts/migrations/9999_next.py", MIGRATION.format(before=before))
    (folder / "sender").mkdir()
    certificate = machine.root / "etc/ssl/segmentflow/fullchain.pem"
    key = machine.sh("segmentflow create_api_key next --scopes ingest").split()[-1]
    stored = count_events(machine)
    step, *_ = steps_of("upgrading.md", "## One machine")
    sender = Sender(Visitor(folder / "sender", certificate), key, stored)
    with sender.going():
        machine.sh(step.text)
        Visitor(folder, certificate).until_ready(f"{SITE}/sign-in")
    assert machine.sh(IS_THERE).strip() == "of_the_next_version"
    assert sender.sent > 0
    assert count_events(machine) == stored + sender.sent
    machine.sh("segmentflow settle; segmentflow check_memberships")
    yield (
        f"upgraded to a version with one more migration: {sender.sent} of {sender.sent} events sent meanwhile are there,"
        f" {sender.refused} were refused and sent again, the longest pause was {sender.longest:.1f} s"
    )
    machine.sh(f"segmentflow migrate contacts {before}")
    assert machine.sh(IS_THERE).strip() == ""
    yield "its migration was taken back"
