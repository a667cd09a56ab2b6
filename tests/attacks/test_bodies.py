"""What programs, browsers and providers send in: stored, or refused with a sentence."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels.hooks import hook_secret
from campaigns.channels.providers import BY_NAME
from tests.attacks.effort import tries
from tests.attacks.hostile import BODIES, SQL, TEXTS
from tests.figures import count

pytestmark = pytest.mark.django_db

WORDS = [
    *("contact", "type", "occurred_at", "message_id", "attributes", "external_id", "email", "id"),
    *("userId", "anonymousId", "event", "properties", "traits", "batch", "messageId", "timestamp"),
    *("events", "contacts", "subscription", "endpoint", "keys", "previousId", "groupId", "context"),
    *("Purchase", "anna", "anna@example.com", "2026-01-01T00:00:00Z", "track", "identify", "page"),
    *(
        "RecordType",
        "Bounce",
        "MessageID",
        "Metadata",
        "segmentflow",
        "status",
        "delivered",
        "eventData",
    ),
]
texts = st.sampled_from(WORDS + TEXTS[:20] + SQL) | st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
anything = st.recursive(
    scalars,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=5),
    max_leaves=15,
)
KNOWN = {
    "contact": {"external_id": "anna"},
    "type": "Purchase",
    "userId": "anna",
    "messageId": "m",
    "event": "Purchase",
    "timestamp": "2026-01-01T00:00:00Z",
}
WAYS_IN = [
    ("/api/v1/events", ""),
    ("/api/v1/events", "events"),
    ("/api/v1/contacts", ""),
    ("/api/v1/contacts/batch", "contacts"),
    ("/v1/track", ""),
    ("/v1/identify", ""),
    ("/v1/alias", ""),
    ("/v1/page", ""),
    ("/v1/batch", "batch"),
    ("/v1/push", ""),
]
TAKEN_OR_REFUSED = (200, 201, 202, 400, 413)


def settled(client: Any, address: str, body: bytes, **options: Any) -> Any:
    """The answer; whatever was stored is gone again."""
    with transaction.atomic():
        answer = client.post(address, body, content_type="application/json", **options)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing of it fails at the commit
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize(("address", "around"), WAYS_IN)
def test_whatever_is_sent_in_is_taken_or_refused(standing, address, around):
    client = standing.client("ingest")

    @tries(12)
    @given(anything, st.dictionaries(st.sampled_from(WORDS), anything, max_size=4), st.booleans())
    def send(value, more, is_like_one):
        row = {**KNOWN, **more} if is_like_one else value
        if address.startswith("/api/v1/contacts"):
            row = {"external_id": "x", **more} if is_like_one else value
        body = json.dumps({around: [row, value]} if around else row, allow_nan=True)
        answer = settled(client, address, body.encode("utf-8", "surrogatepass"))
        count("bodies sent in")
        assert answer.status_code in TAKEN_OR_REFUSED, (body, answer.content)

    send()


@pytest.mark.parametrize(("address", "_around"), [WAYS_IN[0], WAYS_IN[8]])
def test_odd_bodies_are_refused_with_a_sentence(standing, address, _around):
    client = standing.client("ingest")
    for body in BODIES:
        answer = settled(client, address, body)
        assert answer.status_code in TAKEN_OR_REFUSED, body[:50]
        if answer.status_code >= 400:
            said = answer.json()
            assert said.get("detail") or said.get("message"), body[:50]


MEGABYTES = 1024 * 1024
PACKED = {
    "a bomb": (gzip.compress(b" " * 200 * MEGABYTES), 413),
    "a bomb of events": (gzip.compress(b'{"events": [' + b"1," * 20 * MEGABYTES), 413),
    "bombs in a row": (gzip.compress(b" " * MEGABYTES) * 200, 413),
    "no gzip": (b"\x1f\x8b" + b"x" * 100, 400),
    "half of one": (gzip.compress(b"{}" * 1_000)[:-9], 400),
    "a wrong sum": (gzip.compress(b"{}")[:-8] + b"\0" * 8, 400),
    "zlib": (zlib.compress(b"{}"), 400),
    "gzip in gzip": (gzip.compress(gzip.compress(b"{}")), 400),
    "nothing": (b"", 400),
}


@pytest.mark.parametrize("address", ["/api/v1/events", "/v1/batch"])
@pytest.mark.parametrize(("body", "status"), PACKED.values(), ids=PACKED.keys())
def test_what_is_packed_is_bounded(standing, address, body, status):
    begun = time.process_time()
    answer = settled(standing.client("ingest"), address, body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == status
    assert time.process_time() - begun < 3


providers = pytest.mark.parametrize("provider", [*BY_NAME, "sms"])
forms = st.dictionaries(texts, texts, max_size=6)


@providers
def test_whatever_a_provider_tells_is_heard_or_refused(standing, provider):
    client = standing.client("anonymous")
    address = f"/m/hooks/email/{provider}/{hook_secret('email', provider)}"
    if provider == "sms":
        address = f"/m/hooks/sms/{hook_secret('sms', 'gateway')}"

    @tries(8)
    @given(st.one_of(anything, forms), st.booleans(), st.binary(max_size=30))
    def tell(value, is_form, rubbish):
        clean = json.dumps(value).encode("utf-8", "surrogatepass")
        with transaction.atomic():
            answers = [
                client.post(address, body, content_type="application/json")
                for body in (clean, rubbish, b"[" + clean + b"]")
            ]
            if is_form and isinstance(value, dict):
                fields = {str(key): str(one) for key, one in value.items()}
                pairs = {
                    key.encode("utf-8", "replace").decode(): one for key, one in fields.items()
                }
                sent = {key: one.encode("utf-8", "replace") for key, one in pairs.items()}
                answers.append(client.post(address, sent))
            transaction.set_rollback(True)
        count("reports of providers", len(answers))
        assert {answer.status_code for answer in answers} <= {200, 400, 403}

    tell()
