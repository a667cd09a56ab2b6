"""What other programs' libraries send to /v1/: one person, one history, nothing twice."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import Contact, Field, Identity
from events.keeping import keep_for
from events.models import Event, EventType, IngestProblem
from events.tests.made import make_user, queries_of
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS
from segmentflow.tests.made import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return create_key(name="site", scopes=["ingest"])[1]


@pytest.fixture
def send(client, key):
    """Posts to /v1/ as the libraries do; answers the status."""

    def sent(call: str, body: Any, status: int = 200, **headers: str) -> dict[str, Any]:
        name = base64.b64encode(f"{key}:".encode()).decode()
        answer = client.post(
            f"/v1/{call}",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Basic {name}"} | headers,
        )
        assert answer.status_code == status, answer.content
        assert answer.json()["success"] == (status == 200)
        return answer.json()

    return sent


def stored() -> list[tuple[str, str, str]]:
    rows = Event.objects.order_by("message_id").values_list(
        "message_id", "type__key", "contact__external_id"
    )
    return list(rows)


def test_identify_sets_built_in_values_and_defines_the_rest_by_their_types(send):
    traits = {
        "email": "Anna@b.c",
        "phone": 48600100200,
        "firstName": "Anna",
        "lastName": "Berg",
        "address": {"city": "Oslo", "country": "NO", "street": "Storgata 1"},
        "plan": "pro",
        "seats": 12.5,
        "trial": False,
        "birthday": "1990-02-28",
        "createdAt": "2026-01-02T03:04:05.678Z",
        "tags": ["a", 1],
        "company": {"name": "Acme", "employee count": 7},
        "id": "u1",
        "created_at": "2026-01-02",
    }

    send("identify", {"userId": "u1", "traits": traits, "messageId": "m"})

    contact = Contact.objects.get()
    assert (contact.external_id, contact.email, contact.phone) == ("u1", "Anna@b.c", "48600100200")
    assert (contact.first_name, contact.last_name) == ("Anna", "Berg")
    assert (contact.city, contact.country) == ("Oslo", "NO")
    assert contact.attributes == {
        "address_street": "Storgata 1",
        "plan": "pro",
        "seats": 12.5,
        "trial": False,
        "birthday": "1990-02-28",
        "createdAt": "2026-01-02T03:04:05.678Z",
        "tags": ["a", "1"],
        "company_name": "Acme",
        "company_employee_count": 7,
        "trait_created_at": "2026-01-02",
    }
    assert dict(Field.objects.values_list("key", "type")) == {
        "address_street": "text",
        "plan": "text",
        "seats": "number",
        "trial": "boolean",
        "birthday": "date",
        "createdAt": "datetime",
        "tags": "list",
        "company_name": "text",
        "company_employee_count": "number",
        "trait_created_at": "date",
    }
    assert not IngestProblem.objects.exists()


def test_a_value_that_does_not_fit_is_counted_and_the_rest_is_stored(send):
    Field.objects.create(key="seats", label="Seats", type="number")
    Field.objects.create(key="plan", label="Plan", type="text")
    traits = {"seats": "many", "plan": 7, "email": ["x"], "city": "Oslo", "o": [{}], "phone": None}

    for _ in range(2):
        send("identify", {"userId": "u1", "traits": traits})

    contact = Contact.objects.get()
    assert (contact.city, contact.email, contact.attributes) == ("Oslo", "", {"plan": "7"})
    problems = IngestProblem.objects.values_list("path", "code", "times")
    assert set(problems) == {
        ("identify traits.seats", "wrong_type", 2),
        ("identify traits.email", "wrong_type", 2),
        ("identify traits.o", "wrong_type", 2),
    }


def test_a_trait_that_is_null_removes_the_value_but_nobodys_email(send):
    send("identify", {"userId": "u1", "traits": {"email": "a@b.c", "city": "Oslo", "plan": "x"}})

    send("identify", {"userId": "u1", "traits": {"email": None, "city": None, "plan": None}})

    contact = Contact.objects.get()
    assert (contact.email, contact.city, contact.attributes) == ("a@b.c", "", {})


def test_a_whole_name_is_split_unless_its_parts_are_sent(send):
    send("identify", {"userId": "u1", "traits": {"name": "Anna Maria Berg"}})
    send("identify", {"userId": "u2", "traits": {"name": "Cher"}})
    send("identify", {"userId": "u3", "traits": {"name": "Boss", "firstName": "Bo"}})

    names = Contact.objects.order_by("pk").values_list("first_name", "last_name")
    assert list(names) == [("Anna Maria", "Berg"), ("Cher", ""), ("Bo", "")]


def test_track_page_and_screen_become_events_with_their_properties(send):
    page = {"url": "https://x.y/z?a=1", "title": "Z"}
    batch = [
        {
            "type": "track",
            "event": "Order Completed",
            "userId": "u1",
            "messageId": "1",
            "properties": {"revenue": 9.5, "products": [{"sku": "a"}]},
        },
        {
            "type": "page",
            "name": "Home",
            "anonymousId": "x",
            "messageId": "2",
            "properties": {"title": "Mine"},
            "context": {"page": page, "campaign": {"name": "spring", "source": "mail"}},
        },
        {"type": "screen", "name": "Cart", "userId": "u1", "messageId": "3"},
    ]

    send("batch", {"batch": batch})

    assert stored() == [
        ("1", "Order Completed", "u1"),
        ("2", "Page_visit", ""),
        ("3", "Screen_view", "u1"),
    ]
    assert dict(Event.objects.values_list("message_id", "attributes")) == {
        "1": {"revenue": 9.5, "products": [{"sku": "a"}]},
        "2": {
            "name": "Home",
            "title": "Mine",
            "url": page["url"],
            "utm_campaign": "spring",
            "utm_source": "mail",
        },
        "3": {"name": "Cart"},
    }


def test_group_stores_the_group_and_its_traits_beside_the_persons_own(send):
    body = {"userId": "u1", "groupId": "g1", "traits": {"name": "Acme", "plan": "big"}}
    send("group", {**body, "context": {"traits": {"city": "Oslo"}}})

    contact = Contact.objects.get()
    assert contact.attributes == {"group_id": "g1", "group_name": "Acme", "group_plan": "big"}
    assert contact.city == "Oslo"


def test_what_was_done_before_signing_in_belongs_to_the_person(send):
    send("page", {"anonymousId": "x", "messageId": "1"})
    send("page", {"anonymousId": "x", "messageId": "2"})
    send("identify", {"anonymousId": "x", "userId": "u1", "traits": {"email": "a@b.c"}})
    send("page", {"anonymousId": "x", "messageId": "3"})
    send("page", {"anonymousId": "x", "messageId": "1"})

    assert stored() == [(number, "Page_visit", "u1") for number in "123"]
    assert Contact.objects.get().email == "a@b.c"


@pytest.mark.parametrize("call", ["track", "identify"])
def test_a_user_id_on_a_known_anonymous_id_merges_the_two(send, call):
    send("identify", {"userId": "u1", "traits": {"email": "a@b.c", "city": "Oslo"}})
    send("track", {"userId": "u1", "event": "Bought", "messageId": "1"})
    send("identify", {"anonymousId": "x", "traits": {"city": "Rome", "phone": "1"}})
    send("track", {"anonymousId": "x", "event": "Looked", "messageId": "2"})

    send(call, {"anonymousId": "x", "userId": "u1", "event": "Came", "messageId": "3"})

    contact = Contact.objects.get()
    assert (contact.city, contact.phone, contact.email) == ("Oslo", "1", "a@b.c")
    assert {(number, user) for number, _, user in stored()} >= {("1", "u1"), ("2", "u1")}


def test_two_users_of_one_browser_stay_two_people(send):
    send("track", {"anonymousId": "x", "userId": "u1", "event": "A", "messageId": "1"})
    send("track", {"anonymousId": "x", "userId": "u2", "event": "B", "messageId": "2"})
    send("track", {"anonymousId": "x", "event": "C", "messageId": "3"})

    assert stored() == [("1", "A", "u1"), ("2", "B", "u2"), ("3", "C", "u1")]


def test_an_email_of_another_contact_stays_theirs(send):
    send("identify", {"userId": "u1", "traits": {"email": "a@b.c"}})
    send("identify", {"userId": "u2", "traits": {"email": "a@b.c", "city": "Oslo"}})
    send("page", {"anonymousId": "x"})
    send("identify", {"anonymousId": "x", "traits": {"email": "a@b.c", "city": "Rome"}})

    values = Contact.objects.order_by("pk").values_list("external_id", "email", "city")
    assert list(values) == [("u1", "a@b.c", ""), ("u2", "", "Oslo"), ("", "", "Rome")]
    problem = IngestProblem.objects.get()
    assert (problem.path, problem.code, problem.times) == (
        "identify traits.email",
        "identity_taken",
        2,
    )


def test_an_anonymous_visitor_who_signs_in_as_a_contact_known_by_email_is_that_contact(send):
    Contact.objects.create(email="a@b.c")
    Identity.objects.create(kind="email", value="a@b.c", contact=Contact.objects.get())
    send("page", {"anonymousId": "x", "messageId": "1"})

    send("identify", {"anonymousId": "x", "userId": "u1", "traits": {"email": "a@b.c"}})

    assert Contact.objects.get().external_id == "u1"
    assert stored() == [("1", "Page_visit", "u1")]


def test_alias_makes_one_contact_of_two_users_or_of_an_anonymous_one(send):
    send("track", {"userId": "old", "event": "A", "messageId": "1"})
    send("track", {"anonymousId": "x", "event": "B", "messageId": "2"})
    send("alias", {"previousId": "old", "userId": "new"})
    send("alias", {"previousId": "x", "userId": "new"})
    send("alias", {"previousId": "never seen", "userId": "new"})
    send("track", {"userId": "old", "event": "C", "messageId": "3"})
    send("track", {"anonymousId": "never seen", "event": "D", "messageId": "4"})

    contact = Contact.objects.get()
    assert contact.external_id == "new"
    assert {user for _, _, user in stored()} == {"new"}
    assert len(stored()) == 4


def test_the_same_message_is_stored_once_however_often_it_is_sent(send):
    batch = [
        {"type": "track", "event": "A", "userId": "u1", "anonymousId": "x", "messageId": f"{n}"}
        for n in range(5)
    ]
    for _ in range(3):
        send("batch", {"batch": batch, "sentAt": current_time().isoformat()})

    assert len(stored()) == 5


def test_the_senders_wrong_clock_is_taken_out(send):
    wrong = datetime(2001, 1, 1, 12, tzinfo=UTC)
    track = {"userId": "u1", "event": "A"}
    batch = [
        {**track, "messageId": "1", "timestamp": (wrong - timedelta(hours=2)).isoformat()},
        {**track, "messageId": "2", "originalTimestamp": wrong.isoformat()},
        {**track, "messageId": "3"},
        {**track, "messageId": "4", "timestamp": "what?"},
        {
            **track,
            "messageId": "5",
            "timestamp": "2026-01-02T03:04:05Z",
            "originalTimestamp": "2001-01-02T03:04:05Z",
        },
    ]
    before = current_time()
    send(
        "batch", {"batch": [{**one, "type": "track"} for one in batch], "sentAt": wrong.isoformat()}
    )
    passed = current_time() - before

    times = dict(Event.objects.values_list("message_id", "occurred_at"))
    assert before - timedelta(hours=2) <= times["1"] <= before - timedelta(hours=2) + passed
    for number in "234":
        assert before <= times[number] <= before + passed
    assert times["5"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_the_order_is_kept_of_what_is_sent_at_once_by_a_clock_that_is_right(send):
    begun = current_time()
    for number, seconds_on_its_way in enumerate([3, 1, 2, 0]):
        happened = begun - timedelta(seconds=4) + timedelta(milliseconds=number)
        track = {"type": "track", "userId": "u1", "event": "A", "messageId": str(number)}
        sent = current_time() - timedelta(seconds=seconds_on_its_way)
        batch = [{**track, "timestamp": happened.isoformat()}]
        send("batch", {"batch": batch, "sentAt": sent.isoformat()})

    in_order = Event.objects.order_by("occurred_at").values_list("message_id", flat=True)
    assert list(in_order) == ["0", "1", "2", "3"]


def test_an_import_without_sent_at_keeps_its_times(send):
    one = {"type": "track", "event": "A", "userId": "u1", "timestamp": "2020-01-01T00:00:00.123Z"}

    send("import", {"batch": [one]})

    assert Event.objects.get().occurred_at == datetime(2020, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)


def test_keys_come_as_a_user_name_as_a_bearer_or_in_the_body(client, key):
    def status(body: dict[str, Any], **headers: str) -> int:
        body = {"userId": "u1", "event": "A", **body}
        answer = client.post("/v1/track", body, content_type="application/json", headers=headers)
        return answer.status_code

    basic = base64.b64encode(f"{key}:".encode()).decode()
    reader = create_key(name="reader", scopes=["read"])[1]

    assert status({}, Authorization=f"Basic {basic}") == 200
    assert status({}, Authorization=f"Bearer {key}") == 200
    assert status({"writeKey": key}) == 200
    assert status({}) == 401
    assert status({"writeKey": "no"}) == status({"writeKey": 7}) == 401
    assert status({"writeKey": key}, Authorization="Bearer no") == 401
    assert status({"writeKey": key}, Authorization="Basic !") == 401
    assert status({}, Authorization=f"Bearer {reader}") == 403


def test_bodies_may_be_gzip_and_addresses_end_in_a_slash(send):
    body = gzip.compress(json.dumps({"userId": "u1", "event": "A"}).encode())

    send("track/", body, **{"Content-Encoding": "gzip"})

    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("track", b"", 400),
        ("track", b"{", 400),
        ("track", b"\xff", 400),
        ("track", b"[]", 400),
        ("track", b"[" * 5_000, 400),
        ("track", b'{"a":' * 500 + b"1" + b"}" * 500, 400),
        ("track", {"userId": "u1"}, 400),
        ("track", {"userId": "u1", "event": "x" * 101}, 400),
        ("track", {"userId": "u1", "event": ["x"]}, 400),
        ("track", {"event": "A"}, 400),
        ("track", {"userId": {"a": 1}, "event": "A"}, 400),
        ("track", {"userId": "x" * 256, "event": "A"}, 400),
        ("track", {"userId": True, "event": "A"}, 400),
        ("alias", {"userId": "u1"}, 400),
        ("batch", {"batch": {}}, 400),
        ("batch", {"batch": [1, None, "x", {}, {"type": "sing", "userId": "u"}]}, 400),
        ("batch", {"batch": [{}] * 5_001}, 400),
        ("batch", {"batch": []}, 200),
        ("identify", b" " * (10 * 1024 * 1024 + 1), 413),
        ("identify", {"userId": "u1", "traits": "x", "context": 7}, 200),
        ("identify", {"userId": "u1", "traits": {"": 1, "é": {"": None}, "1": [[]]}}, 200),
        ("track", {"userId": 7, "event": "A", "properties": [], "messageId": {}}, 200),
        (
            "track",
            {"userId": "u\0", "event": "A\0", "messageId": "\0", "properties": {"\0": 1}},
            200,
        ),
        ("track", b'{"userId":"\\ud800","event":"A","properties":{"n":' + b"9" * 500 + b"}}", 200),
        ("track", {"userId": "u", "event": "A", "sentAt": "9999-12-29T00:00:00Z"}, 200),
        (
            "track",
            {
                "userId": "u",
                "event": "A",
                "sentAt": "9999-12-29T00:00:00Z",
                "timestamp": "0001-01-03T00:00:00Z",
            },
            200,
        ),
        ("track", {"userId": "u", "event": "A", "timestamp": 1_700_000_000}, 200),
        ("track", {"userId": "u", "event": "A", "messageId": "x" * 500}, 200),
    ],
)
def test_no_body_is_our_mistake(send, call, body, status):
    answer = send(call, body, status)

    assert status == 200 or (answer["code"] and answer["message"])


def test_one_bad_message_does_not_lose_the_others(send):
    good = {"type": "track", "event": "A", "userId": "u1"}

    send("batch", {"batch": [{"type": "track", "userId": "u1"}, good, 7]})

    assert Event.objects.count() == 1
    paths = IngestProblem.objects.values_list("path", "code")
    assert set(paths) == {("message.event", "wrong_type"), ("message", "wrong_type")}


def test_a_type_that_may_not_be_registered_is_refused(send, settings):
    settings.EVENT_TYPES_STRICT = True
    EventType.objects.create(key="Known")

    send("track", {"userId": "u1", "event": "Known"})
    answer = send("track", {"userId": "u1", "event": "New"}, 400)

    assert "no event type" in answer["message"]
    assert IngestProblem.objects.values_list("path", "code").get() == ("New", "unknown_event_type")


def test_an_event_that_is_kept_no_longer_is_refused_and_counted(send):
    keep_for(event_type=EventType.objects.create(key="A"), months=1)
    old = {"type": "track", "event": "A", "userId": "u1", "timestamp": "2020-01-01T00:00:00Z"}

    send("batch", {"batch": [old, {"type": "track", "event": "A", "userId": "u1"}]})

    assert Event.objects.count() == 1
    assert IngestProblem.objects.values_list("path", "code").get() == ("occurred_at", "too_old")


def test_other_methods_and_addresses_are_refused(client):
    assert client.get("/v1/track").status_code == 405
    assert client.post("/v1/sing").status_code == 404


def test_a_batch_costs_as_many_queries_as_another(send):
    def batch(number: int, start: int) -> dict[str, Any]:
        tracks = [
            {"type": "track", "event": "A", "userId": "u1", "messageId": f"{start + n}"}
            for n in range(number)
        ]
        return {"batch": tracks}

    send("batch", batch(2, 0))

    few = queries_of(lambda: send("batch", batch(2, 100)))
    many = queries_of(lambda: send("batch", batch(50, 200)))

    assert few == many


def test_admins_see_what_could_not_be_stored(client, send):
    send("batch", {"batch": [{"type": "sing"}]}, 400)
    enter(client, make_user(ADMINS))

    page = client.get("/admin/events/ingestproblem/")

    assert "unknown_kind" in page.content.decode()
