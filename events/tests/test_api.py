"""Events and their types over HTTP."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from urllib.parse import quote

import pytest

from contacts.models import Contact
from events.models import Event, EventType
from events.tasks import tend_stored
from segmentflow.api.keys import create_key

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def api(client):
    """Calls the API with a key of all scopes; answers (status, data)."""
    _, key = create_key(name="test", scopes=["ingest", "read", "write"])

    def call(method, path, body=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body)
        sent = {} if body is None else {"data": data, "content_type": JSON}
        answer = getattr(client, method)(
            f"/api/v1/{path}", headers={"authorization": f"Bearer {key}", **headers}, **sent
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


def event(contact="u1", type_="Purchase", **more):
    return {"contact": {"external_id": contact}, "type": type_, **more}


def at(answer):
    return [(error["path"], error["code"]) for error in answer["errors"]]


def test_a_single_event_is_accepted(api):
    status, answer = api("post", "events", event(message_id="m1", attributes={"amount": 12.5}))

    assert (status, answer) == (202, {"accepted": 1, "duplicates": 0, "errors": []})
    assert Event.objects.get().message_id == "m1"


def test_a_batch_stores_the_good_and_reports_the_bad_by_their_places(api):
    status, answer = api(
        "post",
        "events",
        {
            "events": [
                event(type_=""),
                event(message_id="m1"),
                event(message_id="m1"),
                {"contact": {"id": 987654321}, "type": "Visit"},
                7,
            ]
        },
    )

    assert (status, answer["accepted"], answer["duplicates"]) == (202, 1, 1)
    assert [(row["index"], at(row)) for row in answer["errors"]] == [
        (0, [("type", "wrong_type")]),
        (3, [("contact.id", "unknown_contact")]),
        (4, [("", "wrong_type")]),
    ]


def test_a_batch_without_anything_acceptable_is_a_problem_that_names_each_place(api):
    status, problem = api(
        "post", "events", {"events": [event(type_=1), {**event(), "occurred_at": "soon", "x": 1}]}
    )

    assert status == 400
    assert at(problem) == [
        ("events[0].type", "wrong_type"),
        ("events[1].x", "unknown_key"),
        ("events[1].occurred_at", "invalid_time"),
    ]
    assert not Contact.objects.exists()
    assert not EventType.objects.exists()


def test_a_bad_single_event_is_a_problem_at_its_own_paths(api):
    status, problem = api("post", "events", event(occurred_at="99999-01-01T00:00:00Z"))

    assert (status, at(problem)) == (400, [("occurred_at", "invalid_time")])


def test_events_that_are_all_there_already_are_accepted_again(api):
    api("post", "events", event(message_id="m1"))

    status, answer = api("post", "events", {"events": [event(message_id="m1")]})

    assert (status, answer["accepted"], answer["duplicates"]) == (202, 0, 1)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([event()], ""),
        ({"events": []}, "events"),
        ({"events": event()}, "events"),
        ({"events": [event()], "more": 1}, "more"),
        ({"events": [event()] * 5_001}, "events"),
        ({}, "contact"),
        ("text", ""),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused_whole(api, body, path):
    status, problem = api("post", "events", body)

    assert status == 400
    assert problem["errors"][0]["path"] == path
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b'{"type": "\xff"}', 400),
        (json.dumps(event(attributes={"a": "\0"})).encode(), 400),
        (json.dumps(event(attributes={"\0": 1})).encode(), 400),
        (json.dumps(event(attributes={"\ud800": 1})).encode(), 400),
        (json.dumps(event("\0")).encode(), 400),
        (b'{"contact": {"external_id": "u1"}, "type": "A", "attributes": {"n": 1e999}}', 400),
        (
            b'{"contact": {"external_id": "u1"}, "type": "A", "attributes": '
            + b'{"a":' * 1000
            + b"1"
            + b"}" * 1000
            + b"}",
            400,
        ),
        (b'{"a": "' + b"x" * 10 * 1024 * 1024 + b'"}', 413),
    ],
)
def test_bad_bodies_are_refused_and_store_nothing(api, body, status):
    found, problem = api("post", "events", body)

    assert (found, problem["status"]) == (status, status)
    assert not Contact.objects.exists()


def test_bodies_may_be_compressed_but_not_bombs(api):
    small = gzip.compress(json.dumps(event()).encode())
    bomb = gzip.compress(b" " * 300 * 1024 * 1024, 9)

    assert api("post", "events", small, **{"content-encoding": "gzip"})[0] == 202
    assert api("post", "events", bomb, **{"content-encoding": "gzip"})[0] == 413
    assert api("post", "events", small[:-9], **{"content-encoding": "gzip"})[0] == 400
    assert api("post", "events", b"plain", **{"content-encoding": "gzip"})[0] == 400


def test_a_body_without_a_length_is_asked_for_again_with_one(api):
    status, problem = api("post", "events", **{"transfer-encoding": "chunked"})

    assert (status, problem["title"]) == (411, "Length required")


def test_the_events_of_a_contact_are_listed_newest_first_in_pages(api):
    hours = [7, 9, 9, 8]
    sent = [
        event(message_id=f"m{n}", occurred_at=f"2026-06-15T0{hour}:00:00Z", attributes={"n": n})
        for n, hour in enumerate(hours)
    ]
    api("post", "events", {"events": [*sent, event("u2")]})
    contact_id = Contact.objects.get(external_id="u1").pk

    status, first = api("get", f"contacts/{contact_id}/events?limit=3")
    _, second = api("get", first["next"].split("/api/v1/")[1])

    assert status == 200
    assert [row["message_id"] for row in first["results"]] == ["m2", "m1", "m3"]
    assert [row["message_id"] for row in second["results"]] == ["m0"]
    assert second["next"] is None
    assert first["results"][0]["occurred_at"] == "2026-06-15T09:00:00Z"
    assert first["results"][0]["type"] == "Purchase"
    assert first["results"][0]["attributes"] == {"n": 2}
    assert api("get", "contacts/987654321/events")[0] == 404
    assert api("get", f"contacts/{contact_id}/events?cursor=x")[0] == 400
    assert api("get", f"contacts/{contact_id}/events?cursor=2026-01-01T00:00:00/m")[0] == 400
    assert (
        api("get", f"contacts/{contact_id}/events?cursor=2026-01-01T00:00:00%2B16:00/m")[0] == 200
    )


@pytest.mark.parametrize("key", ["Purchase", "Page visit", "a/b?c#d%", "Ein Käse", "a\nb"])
def test_a_type_is_found_by_its_key_however_it_is_written(api, key):
    status, made = api("post", "event-types", {"key": key, "label": "Bought"})
    path = f"event-types/{quote(key, safe='')}"

    assert (status, made["key"], made["label"]) == (201, key, "Bought")
    assert api("get", path) == (200, made)
    status, changed = api("patch", path, {"archived": True, "description": "Paid"})
    assert (status, changed["description"]) == (200, "Paid")
    assert changed["archived_at"]
    assert api("post", "event-types", {"key": key})[0] == 409


def test_types_are_listed_with_what_their_events_carry(api):
    api("post", "events", {"events": [event(attributes={"amount": 5}), event(type_="Visit")]})

    _, first = api("get", "event-types?limit=1")
    _, second = api("get", first["next"].split("/api/v1/")[1])

    assert [row["key"] for row in first["results"] + second["results"]] == ["Purchase", "Visit"]
    assert first["results"][0]["attributes"] == {
        "amount": {"types": {"number": 1}, "samples": ["5"]}
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "event-types", {}),
        ("post", "event-types", {"key": ""}),
        ("post", "event-types", {"key": "x" * 101}),
        ("post", "event-types", {"key": 7}),
        ("post", "event-types", {"key": "A", "label": "x" * 101}),
        ("post", "event-types", {"key": "A", "colour": 1}),
        ("post", "event-types", []),
        ("patch", "event-types/Known", {"key": "Other"}),
        ("patch", "event-types/Known", {"value_attribute": 1}),
        ("patch", "event-types/Known", {"archived": "yes"}),
    ],
)
def test_a_type_that_makes_no_sense_is_refused(api, method, path, body):
    EventType.objects.create(key="Known")

    assert api(method, path, body)[0] == 400
    assert EventType.objects.count() == 1


def test_a_type_that_nobody_knows_is_not_found(api):
    assert api("get", "event-types/Unknown")[0] == 404
    assert api("get", "event-types/%00")[0] == 404
    assert api("get", "event-types/%FF")[0] == 404


def test_another_value_attribute_is_filled_into_the_events_that_were_there(api, monkeypatch):
    monkeypatch.setattr("events.filling.BITE", 2)
    attributes = [{"amount": n, "net": {"sum": f"{n}.5"}} for n in range(5)]
    api("post", "event-types", {"key": "Purchase", "value_attribute": "amount"})
    assert EventType.objects.get().value_is_filled
    api("post", "events", {"events": [event(attributes=found) for found in attributes]})

    api("patch", "event-types/Purchase", {"value_attribute": "net.sum"})
    assert not EventType.objects.get().value_is_filled
    tend_stored()

    assert EventType.objects.get().value_is_filled
    assert set(Event.objects.values_list("value", flat=True)) == {
        Decimal(f"{n}.5") for n in range(5)
    }


def test_a_value_attribute_before_the_first_event_needs_no_filling(api):
    api("post", "event-types", {"key": "Purchase"})

    api("patch", "event-types/Purchase", {"value_attribute": "amount"})

    assert EventType.objects.get().value_is_filled


@pytest.mark.parametrize(
    ("scopes", "method", "path", "allowed"),
    [
        (["ingest"], "post", "events", True),
        (["read", "write"], "post", "events", False),
        (["ingest"], "post", "contacts", True),
        (["read", "write"], "post", "contacts/batch", False),
        (["ingest"], "get", "contacts", False),
        (["read"], "get", "event-types", True),
        (["read"], "post", "event-types", False),
        (["write"], "post", "event-types", True),
        (["ingest", "read"], "post", "fields", False),
    ],
)
def test_a_key_may_do_what_its_scopes_say(client, scopes, method, path, allowed):
    _, key = create_key(name="test", scopes=scopes)

    answer = getattr(client, method)(
        f"/api/v1/{path}",
        headers={"authorization": f"Bearer {key}"},
        **({} if method == "get" else {"data": "{}", "content_type": JSON}),
    )

    assert (answer.status_code == 403) is not allowed


def test_without_a_key_nothing_is_answered(client):
    answer = client.post("/api/v1/events", data="{}", content_type=JSON)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
