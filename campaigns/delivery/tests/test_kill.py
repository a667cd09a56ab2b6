"""Two senders at once, killed again and again: everybody gets it once, or it is known who perhaps did."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings
from django.db import connection

from campaigns.channels.tests.servers import mail_server
from campaigns.delivery.tests.made import NOW, State, Status, make_campaign, states

PEOPLE, KILLS, AT_ONCE = 300, 3, 2


@contextmanager
def sender(port):
    environment = os.environ | {"DATABASE_URL": _address(), "WAKE_CLUSTER": "0"}
    command = [sys.executable, "-m", "campaigns.delivery.tests.sender", str(port), str(AT_ONCE)]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _address():
    connection.ensure_connection()
    facts = connection.connection.info
    secret = f":{facts.password}" if facts.password else ""
    return f"postgresql://{facts.user}{secret}@/{facts.dbname}?host={facts.host}&port={facts.port}"


def wait_for(condition, *, seconds=60):
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
    with mail_server() as server, ExitStack() as stack:
        both = [stack.enter_context(sender(server.port)) for _ in range(2)]
        for number in range(KILLS):
            due = 0.9 * PEOPLE * (number + chance.random()) / KILLS
            wait_for(lambda due=due: len(server.recipients) > due)
            for one in both:
                one.send_signal(signal.SIGKILL)
                one.wait()
            both = [stack.enter_context(sender(server.port)) for _ in range(2)]

        def is_done():
            campaign.refresh_from_db()
            return campaign.status == Status.DONE

        wait_for(is_done)
        for one in both:
            assert one.wait(timeout=20) == 0

    found, got = Counter(states(campaign)), Counter(server.recipients)
    assert found.keys() <= {State.SENT, State.UNCLEAR}
    assert sum(found.values()) == PEOPLE
    assert found[State.UNCLEAR] <= KILLS * AT_ONCE
    assert max(got.values()) == 1
    assert PEOPLE - found[State.UNCLEAR] <= len(got) <= PEOPLE
