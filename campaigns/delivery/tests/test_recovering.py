"""However senders end and whatever the other side says: nobody twice, and nobody forgotten."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.models import SendingLane
from campaigns.delivery.looking import next_at
from campaigns.delivery.pace import GROUP
from campaigns.delivery.running import FIRST_BITE, deliver
from campaigns.delivery.settle import StandingClock, deliver_all
from campaigns.delivery.tests.made import (
    ACCEPTED,
    NOW,
    Server,
    State,
    Status,
    make_campaign,
    outside,
    states,
)
from campaigns.models import Campaign, Message
from contacts.models import Contact

PEOPLE = 30
DONE = {State.SENT, State.FAILED, State.UNCLEAR}


class Killed(BaseException):
    """Ends a sender where it stands, as a signal does."""


class Killing:
    """Kills at the statement of a number, before PostgreSQL has it or after it was done."""

    def __init__(self, at, *, is_before):
        self.left, self.is_before, self.is_over = at, is_before, False

    def __call__(self, execute, sql, params, many, context):
        if self.is_over or "SAVEPOINT" in sql:
            return execute(sql, params, many, context)
        self.left -= 1
        if self.left > 0:
            return execute(sql, params, many, context)
        self.is_over = True
        if not self.is_before:
            execute(sql, params, many, context)
        raise Killed


def run(server, now, *, killing=None, at_once=1):
    """One run of a worker, until its end or until it is killed; True: it was."""
    with connection.execute_wrapper(killing or Killing(10_000_000, is_before=True)):
        try:
            needed = outside(server, at_once=lambda _: at_once)
            deliver(clock=StandingClock(now), outside=needed, goes_on=lambda: True)
        except Killed:
            pass
        else:
            return False
    with connection.cursor() as cursor:
        # As they end with the session of a worker.
        cursor.execute("SELECT pg_advisory_unlock_all()")
    return True


ANSWERS = st.sampled_from(
    [
        *[ACCEPTED] * 8,
        Handed(Outcome.REFUSED, "no"),
        Handed(Outcome.LATER, "later"),
        Handed(Outcome.LATER, "down", is_everybody=True),
        Handed(Outcome.UNCLEAR, "?"),
        "killed before",
        "killed after",
    ]
)
KILLS = st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.booleans()), max_size=6)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kills=KILLS, answers=st.lists(ANSWERS, max_size=60), at_once=st.sampled_from([1, 3]))
def test_nobody_gets_it_twice_and_nobody_is_forgotten(kills, answers, at_once):
    for model in (Message, Campaign, SendingLane, Contact):
        model.objects.all().delete()
    campaign = make_campaign(PEOPLE)
    said, killed = list(answers), 0
    perhaps: Counter[str] = Counter()
    server = Server()

    def answer(message):
        now = said.pop(0) if said else ACCEPTED
        if now == "killed before":
            perhaps[message.to] += 1
            raise Killed
        if now == "killed after":
            perhaps[message.to] += 1
            server.taken.append(message.to)
            raise Killed
        if now.outcome is Outcome.UNCLEAR:
            perhaps[message.to] += 1
        return now

    server.answer = answer
    now = NOW
    for at, is_before, has_crashed in kills:
        killed += run(server, now, killing=Killing(at, is_before=is_before), at_once=at_once)
        if has_crashed and not Message.objects.filter(state=State.HANDING).exists():
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM campaigns_sinceacrash")
        now += timedelta(seconds=30)
    while (at := next_at(now)) is not None:
        now = max(now, at)
        run(server, now, at_once=at_once)

    found = Counter(states(campaign))
    assert found.keys() <= DONE
    assert sum(found.values()) == PEOPLE
    assert max(Counter(server.taken).values(), default=0) <= 1
    sent = set(Message.objects.filter(state=State.SENT).values_list("contact__email", flat=True))
    unclear = set(
        Message.objects.filter(state=State.UNCLEAR).values_list("contact__email", flat=True)
    )
    assert sent <= set(server.taken) <= sent | unclear
    assert found[State.UNCLEAR] <= at_once * (killed + sum(perhaps.values()))
    campaign.refresh_from_db()
    assert campaign.status == Status.DONE


@pytest.mark.django_db
def test_after_a_crash_of_the_database_whatever_was_announced_is_unclear_and_the_rest_is_sent():
    campaign, server = make_campaign(50), Server()

    def answer(message):
        if len(server.taken) == 3:
            raise Killed
        return ACCEPTED

    server.answer = answer
    assert run(server, NOW)
    with connection.cursor() as cursor:
        # As it is when the latest commits were lost with what PostgreSQL had in memory.
        cursor.execute("DELETE FROM campaigns_sinceacrash")
        cursor.execute("UPDATE campaigns_message SET state = 2 WHERE state = 3")
    server.answer = lambda _: ACCEPTED
    deliver_all(now=NOW, outside=outside(server))

    found = Counter(states(campaign))
    assert found == {State.UNCLEAR: GROUP, State.SENT: 50 - GROUP}
    assert max(Counter(server.taken).values()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_lives_through_a_crash_says_what_it_knows():
    campaign, server = make_campaign(50), Server()

    def answer(message):
        if len(server.taken) == 25:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM campaigns_sinceacrash")
                # The bite before is on the disc.
                cursor.execute(
                    "UPDATE campaigns_message SET state = 2 WHERE state = 3 AND contact_id > %s",
                    [server.keys[FIRST_BITE - 1].contact_id],
                )
                with suppress(OperationalError):
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return ACCEPTED

    server.answer = answer
    with pytest.raises(OperationalError):
        run(server, NOW)
    assert Counter(states(campaign)) == {State.SENT: 26, State.WAITING: 24}

    server.answer = lambda _: ACCEPTED
    deliver_all(now=NOW, outside=outside(server))
    assert Counter(states(campaign)) == {State.SENT: 50}
    assert max(Counter(server.taken).values()) == 1


@pytest.mark.django_db
def test_what_a_dead_sender_had_of_a_campaign_that_was_cancelled_meanwhile_is_cancelled():
    campaign, server = make_campaign(30), Server()

    def answer(message):
        raise Killed

    server.answer = answer
    run(server, NOW)
    Campaign.objects.update(status=Status.CANCELLED)
    assert deliver_all(now=NOW, outside=outside(server)) == 0
    assert Counter(states(campaign)) == {State.UNCLEAR: 1, State.CANCELLED: 29}
