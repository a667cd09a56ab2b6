"""Several messages are handed over at once, and neither the throttle nor a “later” is overrun by it."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest

from campaigns.channels.handing import Handed, Outcome, Sms
from campaigns.channels.models import Way
from campaigns.channels.tests.servers import HANG, Reply, gateway
from campaigns.delivery.lane import row_of
from campaigns.delivery.real import real_outside
from campaigns.delivery.running import deliver
from campaigns.delivery.settle import deliver_all
from campaigns.delivery.tests.made import (
    ACCEPTED,
    NOW,
    Server,
    State,
    composer,
    judge_all,
    make_campaign,
    outside,
    states,
)
from campaigns.models import Campaign
from campaigns.push.models import PushAddress
from campaigns.tasks import RealClock

pytestmark = pytest.mark.django_db


def by_gateway(server):
    """Everything as it is, but for who gets what."""
    config = {"url": server.address, "method": "POST", "format": "json", "sender": "Shop"}
    config["template"] = '{"id": "{id}"}'
    Way.objects.create(channel="sms", adapter="gateway", config=config)
    real = real_outside()
    return outside(server, carrier=real.carrier, at_once=real.at_once, composer=texts)


def texts(campaign, now):
    compose = composer(campaign, now)
    return lambda claimed: [Sms(one.key, "+48600100200", "Shop", "Hi") for one in compose(claimed)]


def test_a_gateway_is_asked_by_several_connections_at_once_each_message_once():
    campaign = make_campaign(8, channel="sms")
    with gateway() as server:
        server.say(HANG)
        assert deliver_all(now=NOW, outside=by_gateway(server)) == 8
        assert (server.most_at_once, server.connections) == (4, 4)
        assert len({request.json()["id"] for request in server.requests}) == 8
    assert states(campaign) == [State.SENT] * 8


def test_too_many_stops_all_of_them_for_as_long_as_any_was_told():
    campaign = make_campaign(40, channel="sms")
    with gateway() as server:
        # Were one heard before another is asked for, that one would not be asked for any more.
        asked = Barrier(3)
        later = [
            Reply(429, headers={"Retry-After": wait}, together=asked) for wait in ("7", "90", "7")
        ]
        server.say(*[Reply()] * 4, *later, Reply(429))
        deliver_all(now=NOW, outside=by_gateway(server))
        assert len(server.requests) <= 11
    row = row_of("sms")
    assert (row.failures, row.again_at) == (1, NOW + timedelta(seconds=90))
    assert set(states(campaign)) == {State.WAITING, State.SENT}


def test_answers_that_take_longer_than_the_throttle_do_not_slow_it_down():
    make_campaign(7)
    begun = []

    def answer(_):
        begun.append(time.monotonic())
        time.sleep(0.35)
        return ACCEPTED

    others = {"per_second": lambda _: 5, "at_once": lambda _: 4}
    clock = RealClock()
    Campaign.objects.update(started_at=clock.now())
    deliver(clock=clock, outside=outside(Server(answer), **others), goes_on=lambda: True)

    between = [later - earlier for earlier, later in pairwise(begun)]
    assert min(between) > 0.15
    assert begun[-1] - begun[0] < 1.8  # one after the other they take 3.3 s


def test_browsers_that_are_gone_are_forgotten():
    make_campaign(1, channel="push")
    gone = PushAddress.objects.create(digest="d", contact_id=1, created_at=NOW, seen_at=NOW)
    refused = Handed(Outcome.REFUSED, "No browser is left.", gone=(gone.digest,))
    deliver_all(now=NOW, outside=outside(Server(lambda _: refused), judge=judge_all))
    assert not PushAddress.objects.exists()
