"""Files on their way to an address: taken whole, signed, tried again, never into our own network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
from datetime import timedelta

import pytest

from campaigns.channels.tests.servers import RESET, Reply, gateway
from outbound.exports import sending
from outbound.exports.models import ExportRun
from outbound.exports.places import spool_of
from outbound.exports.running import run_one
from outbound.exports.services import run_now
from outbound.exports.tests.made import make_export
from outbound.exports.wanted import secrets_of
from segments.tests.made import EVERYONE, NOW, make_contact, make_segment, settled

pytestmark = pytest.mark.django_db
State = ExportRun.State


@pytest.fixture
def everyone(settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    make_contact("anna")
    return settled(make_segment(definition=EVERYONE))


@pytest.fixture
def receiver():
    with gateway() as server:
        yield server


def to_address(segment, receiver, *, path="/put/{segment}-{date}.csv?token=secret", **wanted):
    url = receiver.address + path
    given = {"place": "url", "url": url, "schedule": "hand", "columns": ("external_id",)} | wanted
    return make_export(segment, **given)


def tried(export, *, now=NOW):
    run_one(clock=lambda: now)
    return export.runs.first()


def test_a_put_carries_the_file_and_nothing_that_a_storage_would_not_know(everyone, receiver):
    export = to_address(everyone, receiver)
    run_now(export=export, by=None, now=NOW)

    run = tried(export)

    assert (run.state, run.rows, run.file) == (State.DONE, 1, "")
    (request,) = receiver.requests
    assert (request.method, request.path) == ("PUT", "/put/vips-2026-11-20.csv?token=secret")
    assert request.body == b"external_id\r\nanna\r\n"
    assert request.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert not [name for name in request.headers if name.lower().startswith("webhook")]
    assert "secret" not in export.shown_url + export.sealed


def test_a_post_is_signed_as_webhooks_are(everyone, receiver):
    export = to_address(everyone, receiver, method="POST", is_gzip=True)
    run = run_now(export=export, by=None, now=NOW)

    tried(export)

    (request,) = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = f"export_{run.pk}.{int(NOW.timestamp())}.".encode() + request.body
    key = base64.b64decode(secrets_of(export)["secret"].removeprefix("whsec_"))
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["segmentflow-file"] == "vips-2026-11-20-120000.csv.gz"
    assert headers["segmentflow-rows"] == "1"
    assert gzip.decompress(request.body) == b"external_id\r\nanna\r\n"


def test_what_is_not_taken_is_sent_again_as_it_was(
    everyone, receiver, django_capture_on_commit_callbacks
):
    """Members who come meanwhile are in the next file."""
    export = to_address(everyone, receiver)
    receiver.say(Reply(503, {"why": "full"}, {"Retry-After": "600"}), RESET, Reply(201))
    run_now(export=export, by=None, now=NOW)

    run = tried(export)
    assert run.state == State.WAITING
    assert run.said == 'The receiver answered 503 Service Unavailable. It said: {"why": "full"}'
    assert run.try_at == NOW + timedelta(minutes=10)
    make_contact("ben")
    settled(everyone)
    run = tried(export, now=run.try_at)
    assert "connection broke" in run.said
    with django_capture_on_commit_callbacks(execute=True):
        run = tried(export, now=run.try_at)

    assert (run.state, run.attempts) == (State.DONE, 3)
    assert receiver.requests[-1].body == b"external_id\r\nanna\r\n"
    assert not spool_of(run.pk).exists()


def test_a_receiver_that_sends_elsewhere_is_not_followed(everyone, receiver):
    export = to_address(everyone, receiver)
    receiver.say(Reply(307, headers={"Location": f"{receiver.address}/elsewhere"}))
    run_now(export=export, by=None, now=NOW)

    run = tried(export)

    assert (run.state, len(receiver.requests)) == (State.WAITING, 1)
    assert "Redirects are not followed" in run.said


def test_a_receiver_that_hangs_is_left(everyone, receiver, monkeypatch):
    export = to_address(everyone, receiver)
    monkeypatch.setattr(sending, "PIECE_SECONDS", 0.2)
    receiver.say("hang")
    run_now(export=export, by=None, now=NOW)

    run = tried(export)

    assert run.state == State.WAITING
    assert "no answer" in run.said


def test_our_own_network_is_not_reached_when_it_is_allowed_no_longer(everyone, receiver, settings):
    export = to_address(everyone, receiver)
    settings.OUTBOUND_PRIVATE_HOSTS = []
    run_now(export=export, by=None, now=NOW)

    run = tried(export)

    assert (run.state, receiver.requests) == (State.WAITING, [])
    assert "private network" in run.said


def test_an_address_that_cannot_be_read_any_more_is_said(everyone, receiver, settings):
    export = to_address(everyone, receiver)
    settings.SECRET_KEY = settings.SECRET_KEY[::-1]
    run_now(export=export, by=None, now=NOW)

    assert "Enter it again" in tried(export).said
