"""Two senders at once, killed again and again: everybody gets it once, or it is known who perhaps did."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from campaigns.channels.tests.servers import mail_server
from campaigns.delivery.tests.made import NOW, State, Status, make_campaign, states

PEOPLE, KILLS, AT_ONCE = 300, 3, 2


class Senders:
    """Several at a time."""

    def __init__(self, forks):
        self._forks, self._pids = forks, []

    def start(self, count):
        for _ in range(count):
            self._forks.stdin.write("one more\n")
            self._forks.stdin.flush()
            self._pids.append(int(self._forks.stdout.readline()))

    def kill(self):
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(self.have_ended)
        self._pids = []

    def have_ended(self):
        return not any(Path(f"/proc/{pid}").exists() for pid in self._pids)


@contextmanager
def senders(port):
    environment = os.environ | {"DATABASE_URL": _address(), "SEGMENTFLOW_WAKE": "0"}
    forks = subprocess.Popen(
        [sys.executable, "-m", "campaigns.delivery.tests.sender", str(port), str(AT_ONCE)],
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Senders(forks)
    finally:
        forks.kill()
        forks.communicate()


def _address():
    connection.ensure_connection()
    facts = connection.connection.info
    secret = f":{facts.password}" if facts.password else ""
    return f"postgresql://{facts.user}{secret}@/{facts.dbname}?host={facts.host}&port={facts.port}"


def wait_for(condition, *, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_senders_that_are_killed_again_and_again(caplog):
    caplog.set_level("WARNING", logger="mail.log")
    campaign = make_campaign(PEOPLE, due_at=NOW.replace(year=2020))
    chance = random.Random()  # noqa: S311 - of a test
    with mail_server() as server, senders(server.port) as both:
        both.start(2)
        for number in range(KILLS):
            due = PEOPLE * (number + chance.random()) / KILLS
            wait_for(lambda due=due: len(server.recipients) > due)
            both.kill()
            both.start(2)

        def is_done():
            campaign.refresh_from_db()
            return campaign.status == Status.DONE

        wait_for(is_done)
        wait_for(both.have_ended)

    found, got = Counter(states(campaign)), Counter(server.recipients)
    assert found.keys() <= {State.SENT, State.UNCLEAR}
    assert sum(found.values()) == PEOPLE
    assert found[State.UNCLEAR] <= KILLS * AT_ONCE
    assert max(got.values()) == 1
    assert PEOPLE - found[State.UNCLEAR] <= len(got) <= PEOPLE
