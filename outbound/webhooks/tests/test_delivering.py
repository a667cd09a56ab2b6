"""Others are told who enters and leaves: signed, in batches, in order, and nothing is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from copy import deepcopy
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.channels.tests.servers import HANG, RESET, Reply, gateway
from contacts.erasure import erase_contacts
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from outbound.webhooks.addressing import Allowed
from outbound.webhooks.again import send_again, send_test, set_aside
from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove
from outbound.webhooks.noting import note_flips
from outbound.webhooks.outcome import NOT_TRIED
from outbound.webhooks.posting import Answer, Poster
from outbound.webhooks.services import delete_webhook, pause_webhook, renew_secret, resume_webhook
from outbound.webhooks.tests.made import HERE, NOW, Clock, make_webhook, send, send_for, turn
from outbound.webhooks.tidying import advance_tidying, is_tidying_due
from segments.engine.settle import settle
from segments.engine.store import Flip
from segments.models import Transition
from segments.services import update_segment
from segments.tests.made import GOLD, make_field, make_segment

pytestmark = pytest.mark.django_db
STATE = WebhookDelivery.State
BROKEN = Reply(500, {"said": "out of order"})


def bodies(receiver):
    return [json.loads(request.body) for request in receiver.requests]


def told(receiver):
    """Who moved, as it arrived."""
    return [
        (move["contact"]["external_id"], move["entered"])
        for body in bodies(receiver)
        for move in body["moves"]
    ]


def states():
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


def is_signed(request, secret):
    """As the specification of Standard Webhooks has it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in headers["webhook-signature"].split()


def test_who_enters_and_leaves_is_told_signed(gold, receiver, clock):
    webhook, secret = make_webhook(f"{receiver.address}/hook?a=b", "gold")
    turn("anna")
    send(clock)
    turn("anna", tier="Silver", now=clock.move(minutes=1))
    send(clock)

    entered, left = receiver.requests
    assert entered.path == "/hook?a=b"
    assert entered.headers["Content-Type"] == "application/json"
    assert is_signed(entered, secret)
    assert is_signed(left, secret)
    assert not is_signed(entered, "whsec_" + base64.b64encode(b"another").decode())
    anna = Contact.objects.get()
    seq = Transition.objects.get(entered=True).seq
    assert entered.json() == {
        "type": "segment.moves",
        "timestamp": "2026-11-20T12:00:00Z",
        "webhook": {"id": webhook.pk, "name": "Shop"},
        "moves": [
            {
                "id": seq,
                "segment": {"key": "gold", "name": "Gold"},
                "contact": {"id": anna.pk, "external_id": "anna", "email": "anna@example.com"},
                "entered": True,
                "at": "2026-11-20T12:00:00Z",
                "cause": {"kind": "created"},
            }
        ],
    }
    assert [move["entered"] for move in left.json()["moves"]] == [False]
    assert states() == [STATE.DELIVERED, STATE.DELIVERED]


def test_only_what_a_webhook_wants_is_told(gold, receiver, clock):
    make_webhook(receiver.address, name="Leaving", on_entering=False, fields=["attributes.tier"])
    turn("anna")
    turn("anna", tier="Silver")
    send(clock)

    [body] = bodies(receiver)
    assert [move["entered"] for move in body["moves"]] == [False]
    contact = body["moves"][0]["contact"]
    assert contact == {"id": contact["id"], "attributes": {"tier": "Silver"}}


def test_moves_wait_for_others_and_go_at_once_when_there_are_enough(gold, receiver, clock):
    make_webhook(receiver.address, wait_ms=500, most_moves=3)
    turn("anna")
    turn("ben", now=clock.move(milliseconds=400))
    assert send(clock) == 0
    clock.move(milliseconds=100)
    assert send(clock) == 1
    assert told(receiver) == [("anna", True), ("ben", True)]

    turn("cleo", "dora", "edo", "fay", now=clock.now())
    assert send(clock) == 1
    assert len(bodies(receiver)[1]["moves"]) == 3
    assert send_for(clock, seconds=1) == 1
    assert len(told(receiver)) == 6


def test_without_webhooks_a_move_costs_one_look(gold):
    turn("anna")
    flip = Flip(Contact.objects.get().pk, gold.pk, 1, entered=True, cause={"kind": "created"})
    with CaptureQueriesContext(connection) as queries:
        note_flips([flip] * 100, NOW)
    assert len(queries) == 1


def test_a_receiver_that_fails_hangs_and_leads_elsewhere_loses_nothing_and_keeps_the_order(
    gold, receiver, clock
):
    webhook, secret = make_webhook(receiver.address, most_moves=2)
    with gateway() as elsewhere:
        redirect = Reply(307, {}, {"Location": f"{elsewhere.address}/inside"})
        trouble = [BROKEN, HANG, redirect, RESET, Reply(404), Reply(429, {}, {"Retry-After": "60"})]
        receiver.say(*trouble, Reply())
        for number in range(6):
            tier = "Silver" if number % 2 else "Gold"
            turn("anna", "ben", tier=tier, now=clock.move(seconds=1))
            send(clock)
        send_for(clock, hours=24)
        assert elsewhere.requests == []

    # The first is sent until it is taken, always the same; nothing else is meanwhile.
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(set(ids[: len(trouble) + 1])) == 1
    assert len(set(ids)) == 6 == len(ids) - len(trouble)
    assert len({request.body for request in receiver.requests[: len(trouble) + 1]}) == 1
    taken = [move["id"] for body in bodies(receiver)[len(trouble) :] for move in body["moves"]]
    assert taken == sorted(taken)
    assert len(taken) == 12 == Transition.objects.count()
    assert all(is_signed(request, secret) for request in receiver.requests)
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.trouble, webhook.again_at) == (0, "", None)
    assert set(states()) == {STATE.DELIVERED}


def test_what_a_receiver_answers_is_kept_in_the_log(gold, receiver, clock):
    make_webhook(receiver.address)
    receiver.say(Reply(503, b"<b>maintenance</b>" + b"x" * 9_000))
    turn("anna")
    send(clock)

    [delivery] = WebhookDelivery.objects.all()
    assert (delivery.status, delivery.attempts, delivery.state) == (503, 1, STATE.WAITING)
    assert delivery.answer.startswith("<b>maintenance</b>")
    assert len(delivery.answer) == 2_000
    assert delivery.error == "The receiver answered 503 Service Unavailable."

    receiver.say(HANG)
    send_for(clock, minutes=1)
    delivery.refresh_from_db()
    assert delivery.status is None
    assert delivery.error == "There was no answer within 0.2 seconds."
    assert delivery.milliseconds is not None
    assert delivery.milliseconds < 480


def test_the_circuit_opens_and_is_tried_less_and_less_for_a_day(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address)
    receiver.say(BROKEN)
    turn("anna")
    times = []
    while states() in ([], [STATE.WAITING]):
        send(clock)
        times.append(clock.now())
        webhook.refresh_from_db()
        clock.at = webhook.again_at
    waits = [after - before for before, after in pairwise(times)]
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=6)
    assert waits[:7] == sorted(waits[:7])
    assert max(waits) <= timedelta(hours=4.8)
    assert timedelta(hours=18) < times[-1] - NOW <= timedelta(hours=24)
    assert len(times) < 16
    assert states() == [STATE.FAILED]
    assert webhook.failures == len(times)

    # What waited behind it for a day is not sent, and nothing is lost; what is new is still tried.
    turn("cleo", now=clock.now())
    probes = len(receiver.requests)
    assert send_for(clock, hours=6) > 0
    assert len(receiver.requests) - probes < 4
    receiver.say(Reply())
    webhook.refresh_from_db()
    clock.at = webhook.again_at
    send(clock)
    assert told(receiver)[-1] == ("cleo", True)
    assert send_again(webhook_id=webhook.pk, now=clock.now()) == 1
    send(clock)
    assert told(receiver)[-1] == ("anna", True)
    assert states() == [STATE.DELIVERED, STATE.DELIVERED]
    webhook.refresh_from_db()
    assert webhook.failures == 0


def test_what_waits_behind_for_a_day_is_kept_as_failed(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, most_moves=1)
    receiver.say(BROKEN)
    turn("anna")
    for name in ("ben", "cleo", "dora"):
        turn(name, now=clock.move(seconds=1))
    send_for(clock, hours=30)

    assert set(states()) == {STATE.FAILED}
    assert WebhookMove.objects.filter(delivery=None).count() == 0
    assert WebhookDelivery.objects.filter(error=NOT_TRIED, attempts=0).exists()
    receiver.say(Reply())
    before = len(receiver.requests)
    assert send_again(webhook_id=webhook.pk, now=clock.now()) == 4
    send(clock)
    assert told(receiver)[before:] == [(name, True) for name in ("anna", "ben", "cleo", "dora")]


def test_nothing_is_lost_when_the_process_is_killed_at_any_moment(gold, receiver, clock):
    """Killed after the request was taken and before that was noted: it is sent once more."""
    make_webhook(receiver.address)
    real = Poster(allowed=Allowed(HERE))

    class Killed(BaseException):
        pass

    def post(request):
        real(request)
        raise Killed

    turn("anna")
    with pytest.raises(Killed):
        send(clock, post=post)
    assert states() == [STATE.WAITING]
    turn("ben", now=clock.move(seconds=1))
    send(clock)

    first, again, other = receiver.requests
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-id"] != other.headers["webhook-id"]
    assert told(receiver) == [("anna", True), ("anna", True), ("ben", True)]


def test_a_receiver_that_wants_no_more_is_left_alone_until_somebody_resumes(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, most_moves=1)
    receiver.say(Reply(410))
    turn("anna", "ben")
    send(clock)
    turn("cleo", now=clock.move(minutes=1))
    assert send_for(clock, hours=24) == 0
    assert len(receiver.requests) == 1
    assert states() == [STATE.FAILED, STATE.FAILED]
    assert not WebhookMove.objects.filter(delivery=None).exists()

    receiver.say(Reply())
    resume_webhook(pk=webhook.pk, now=clock.now())
    turn("dora", now=clock.now())
    send(clock)
    assert told(receiver)[-1] == ("dora", True)


def test_a_paused_webhook_tells_later(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address)
    pause_webhook(pk=webhook.pk, now=NOW)
    turn("anna")
    assert send_for(clock, hours=30) == 0
    resume_webhook(pk=webhook.pk, now=clock.now())
    send(clock)
    assert told(receiver) == [("anna", True)]


def test_one_delivery_can_be_set_aside_so_that_the_others_go_on(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address)
    receiver.say(Reply(400), Reply())
    turn("anna")
    send(clock)
    turn("ben", now=clock.now())
    assert send(clock) == 0
    set_aside(webhook_id=webhook.pk, delivery_id=WebhookDelivery.objects.get().pk, now=clock.now())
    send(clock)
    assert told(receiver)[-1] == ("ben", True)
    assert states() == [STATE.FAILED, STATE.DELIVERED]


def test_a_receiver_that_hangs_keeps_nobody_else_waiting(gold, receiver, clock):
    make_webhook("http://127.0.0.1:1/slow", name="Slow")
    make_webhook(receiver.address, name="Quick", most_moves=1)
    turn("anna", "ben", "cleo")
    order: list[Any] = []
    real = Poster(Allowed(HERE))

    def post(request):
        if "slow" in request.url:
            while len(order) < 3:
                pass
            return Answer(200)
        answer = real(request)
        order.append(request)
        return answer

    assert send(clock, post=post) == 4
    assert set(states()) == {STATE.DELIVERED}


def test_both_secrets_sign_for_a_day(gold, receiver, clock):
    webhook, former = make_webhook(receiver.address)
    _, secret = renew_secret(pk=webhook.pk, now=NOW)
    turn("anna")
    send(clock)
    turn("ben", now=clock.move(hours=24))
    send(clock)

    first, second = receiver.requests
    assert is_signed(first, former)
    assert is_signed(first, secret)
    assert is_signed(second, secret)
    assert not is_signed(second, former)
    assert secret not in str(Webhook.objects.values())


def test_a_test_is_sent_at_once_and_about_nobody(gold, receiver, clock):
    webhook, secret = make_webhook(receiver.address, "gold", fields=["email", "attributes.tier"])
    delivery = send_test(webhook=webhook, post=Poster(Allowed(HERE)), now=NOW)

    [request] = receiver.requests
    assert is_signed(request, secret)
    assert request.json()["type"] == "segment.test"
    [move] = request.json()["moves"]
    assert move["segment"]["key"] == "gold"
    assert move["contact"]["email"] == "test@example.com"
    assert (delivery.state, delivery.is_test) == (STATE.DELIVERED, True)
    assert send_again(webhook_id=webhook.pk, now=NOW) == 0


def test_a_new_definition_tells_only_who_asked_for_it(gold, receiver, clock):
    make_webhook(receiver.address, name="Usual")
    with gateway() as other:
        make_webhook(other.address, name="All", on_edits=True, on_entering=False)
        turn("anna")
        turn("ben", tier="Silver")
        silver: dict[str, Any] = deepcopy(GOLD)
        silver["children"][0]["value"] = "Silver"
        update_segment(segment=gold, definition=silver, author=None, now=clock.move(hours=1))
        settle(now=clock.now())
        turn("cleo", tier="Silver", now=clock.now())
        send(clock)
        assert told(other) == [("anna", False)]
    assert told(receiver) == [("anna", True), ("cleo", True)]


def test_a_clock_that_is_put_back_keeps_no_move_waiting(gold, receiver, clock):
    make_webhook(receiver.address, wait_ms=500)
    turn("anna", now=clock.move(hours=1))

    clock.move(hours=-1)
    send(clock)

    assert told(receiver) == [("anna", True)]


def test_whom_a_clock_that_is_put_back_moves_is_told(receiver, clock):
    child: dict[str, Any] = {"kind": "field", "field": "due", "operator": "in_last"}
    child["value"] = {"amount": 1, "unit": "day"}
    make_field("due", "datetime")
    make_segment("fresh", {"kind": "group", "match": "all", "children": [child]})
    make_webhook(receiver.address)
    settle(now=NOW)
    row = ContactRow(built_in={"external_id": "anna"}, attributes={"due": NOW.isoformat()})
    upsert_contacts(rows=[row], now=NOW)
    for hours in (0, 25, -3):
        settle(now=clock.move(hours=hours))
        send(clock)

    assert told(receiver) == [("anna", True), ("anna", False), ("anna", True)]


def test_erased_contacts_are_in_no_request_also_when_it_is_sent_again(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address)
    receiver.say(Reply(500, {"echo": "anna@example.com"}), Reply())
    turn("anna", "ben")
    send(clock)
    erase_contacts(contact_ids=[Contact.objects.get(external_id="anna").pk])
    delivery = WebhookDelivery.objects.get()
    assert (delivery.answer, delivery.error) == ("", "")
    send_for(clock, minutes=1)
    assert told(receiver)[-1:] == [("ben", True)]

    erase_contacts(contact_ids=[Contact.objects.get(external_id="ben").pk])
    assert send_again(webhook_id=webhook.pk, delivery_id=delivery.pk, now=clock.now()) == 1
    send(clock)
    assert states() == [STATE.EMPTY]
    assert len(receiver.requests) == 2


def test_what_was_told_a_month_ago_is_forgotten(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address)
    turn("anna")
    send(clock)
    pause_webhook(pk=webhook.pk, now=NOW)
    turn("ben", now=clock.move(days=1))
    assert not is_tidying_due(now=NOW + timedelta(days=30))
    late = NOW + timedelta(days=30, seconds=1)
    assert is_tidying_due(now=late)
    while advance_tidying(now=late):
        pass
    assert not WebhookDelivery.objects.exists()
    assert WebhookMove.objects.count() == 1
    while advance_tidying(now=late + timedelta(days=1)):
        pass
    assert not WebhookMove.objects.exists()


def test_a_deleted_webhook_leaves_nothing_behind(gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, "gold")
    turn("anna")
    send(clock)
    turn("ben", now=clock.now())
    delete_webhook(pk=webhook.pk)
    assert not WebhookMove.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert send(Clock()) == 0
