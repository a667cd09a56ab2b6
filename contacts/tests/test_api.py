"""Contacts and fields over HTTP."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Consent, Contact, Field, Identity
from contacts.usage import Use, _answerers
from segmentflow.api.keys import create_key
from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.users import give_role

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def api(client):
    """Calls the API with a key of all scopes; answers (status, data)."""
    _, key = create_key(name="test", scopes=["ingest", "read", "write"])

    def call(method, path, body=None):
        sent = {} if body is None else {"data": json.dumps(body), "content_type": JSON}
        answer = getattr(client, method)(
            f"/api/v1/{path}", headers={"authorization": f"Bearer {key}"}, **sent
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


@pytest.fixture(autouse=True)
def fields():
    Field.objects.create(key="Status", label="Status", type="text")
    Field.objects.create(key="Score", label="Score", type="number")


def at(answer):
    return [(error["path"], error["code"]) for error in answer["errors"]]


def test_a_contact_is_created_once_and_then_updated(api):
    sent = {"external_id": "u1", "email": "A@b.c", "attributes": {"Score": 12.5, "Status": "Gold"}}

    status, created = api("post", "contacts", sent)
    again, updated = api(
        "post", "contacts", {"email": "a@B.c", "city": "Oslo", "attributes": {"Status": None}}
    )

    assert (status, again) == (201, 200)
    assert created["attributes"] == {"Score": 12.5, "Status": "Gold"}
    assert updated["id"] == created["id"]
    assert (updated["email"], updated["city"]) == ("a@B.c", "Oslo")
    assert updated["attributes"] == {"Score": 12.5}
    assert created["created_at"].endswith("Z")


def test_a_bad_contact_is_a_problem_at_its_paths_and_stores_nothing(api):
    status, problem = api(
        "post", "contacts", {"external_id": "u1", "attributes": {"Score": "x", "Other": 1}}
    )

    assert status == 400
    assert at(problem) == [
        ("attributes.Score", "wrong_type"),
        ("attributes.Other", "unknown_field"),
    ]
    assert not Contact.objects.exists()
    assert not Identity.objects.exists()


def test_a_batch_stores_the_good_and_reports_the_bad_by_their_places(api):
    status, answer = api(
        "post",
        "contacts/batch",
        {
            "contacts": [
                {"externalId": "u0"},
                {"external_id": "u1"},
                {"external_id": "u2", "attributes": {"Score": "x"}},
                {"external_id": "u1", "city": "Oslo"},
            ]
        },
    )

    assert status == 200
    assert (answer["created"], answer["updated"]) == (1, 1)
    assert [(row["index"], at(row)) for row in answer["errors"]] == [
        (0, [("externalId", "unknown_key")]),
        (2, [("attributes.Score", "wrong_type")]),
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], ""),
        ({}, "contacts"),
        ({"contacts": {}}, "contacts"),
        ({"contacts": [], "more": 1}, "more"),
        ({"contacts": [{}] * 5_001}, "contacts"),
    ],
)
def test_a_batch_of_the_wrong_shape_is_refused_whole(api, body, path):
    status, problem = api("post", "contacts/batch", body)

    assert status == 400
    assert [error["path"] for error in problem["errors"]] == [path]


def test_contacts_are_listed_in_pages_and_found_by_what_is_known(api):
    for n in range(5):
        api("post", "contacts", {"external_id": f"u{n}", "email": f"{n}@b.c", "first_name": "Anna"})
    api("post", "contacts", {"phone": "+48 100%", "last_name": "Berg"})

    _, first = api("get", "contacts?limit=4")
    _, second = api("get", first["next"].split("/api/v1/")[1])

    assert [row["external_id"] for row in first["results"]] == ["u0", "u1", "u2", "u3"]
    assert [row["external_id"] for row in second["results"]] == ["u4", ""]
    assert second["next"] is None
    for query, found in {
        "external_id=u3": ["3@b.c"],
        "email=3@B.C": ["3@b.c"],
        "external_id=u3&email=4@b.c": [],
        "external_id=nobody": [],
        "phone=%2B48%20100%25": [""],
        "search=BERG": [""],
        "search=anna%202@": ["2@b.c"],
        "search=b.c%204": ["4@b.c"],
        "search=%2B48%201": [""],
        "search=%25": [],
    }.items():
        _, answer = api("get", f"contacts?{query}")
        assert [row["email"] for row in answer["results"]] == found, query


def test_a_contact_is_read_changed_and_erased_by_its_id(api):
    _, created = api("post", "contacts", {"external_id": "u1", "city": "Oslo"})
    path = f"contacts/{created['id']}"

    assert api("get", path) == (200, created)
    status, changed = api(
        "patch", path, {"external_id": "u2", "city": "", "attributes": {"Score": 1}}
    )
    assert (status, changed["external_id"], changed["city"]) == (200, "u2", "")
    assert api("delete", path) == (204, None)
    assert api("get", path)[0] == api("delete", path)[0] == api("patch", path, {})[0] == 404
    assert not Identity.objects.exists()


def test_an_id_cannot_be_changed_and_an_identity_not_be_taken(api):
    _, first = api("post", "contacts", {"external_id": "u1"})
    _, second = api("post", "contacts", {"external_id": "u2"})

    status, problem = api("patch", f"contacts/{second['id']}", {"id": first["id"]})
    assert (status, at(problem)) == (400, [("id", "wrong_type")])
    status, problem = api("patch", f"contacts/{second['id']}", {"external_id": "u1"})
    assert (status, at(problem)) == (400, [("external_id", "identity_taken")])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "contacts?limit=0"),
        ("get", "contacts?limit=1001"),
        ("get", "contacts?cursor=x"),
        ("get", "contacts?search=%00"),
        ("get", "contacts?email=%00"),
        ("get", "contacts?segment=%00"),
        ("get", "fields?cursor=%00"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_400(api, method, path):
    status, problem = api(method, path)

    assert (status, problem["status"]) == (400, 400)


def test_a_field_is_defined_changed_archived_and_deleted_with_its_values(api):
    status, field = api(
        "post",
        "fields",
        {"key": "Tier", "type": "number", "choices": [1, 2.50], "description": "Level"},
    )
    assert status == 201
    assert (field["label"], field["choices"], field["archived_at"]) == ("Tier", [1, 2.5], None)
    _, contact = api(
        "post", "contacts", {"external_id": "u1", "attributes": {"Tier": 3, "Score": 1}}
    )

    status, changed = api("patch", "fields/Tier", {"label": "Level", "archived": True})
    assert (status, changed["label"], changed["choices"]) == (200, "Level", [1, 2.5])
    assert changed["archived_at"]
    assert api("patch", "fields/Tier", {"archived": False})[1]["archived_at"] is None

    assert api("delete", "fields/Tier") == (204, None)
    assert api("get", "fields/Tier")[0] == 404
    assert api("get", f"contacts/{contact['id']}")[1]["attributes"] == {"Score": 1}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"key": "1st", "type": "text"}, "key"),
        ({"key": "a b", "type": "text"}, "key"),
        ({"key": "x" * 65, "type": "text"}, "key"),
        ({"key": "email", "type": "text"}, "key"),
        ({"key": "created_at", "type": "text"}, "key"),
        ({"type": "text"}, "key"),
        ({"key": "a"}, "type"),
        ({"key": "a", "type": "string"}, "type"),
        ({"key": "a", "type": ["text"]}, "type"),
        ({"key": "a", "type": "text", "label": "x" * 101}, "label"),
        ({"key": "a", "type": "text", "label": "a\0"}, ""),
        ({"key": "a", "type": "text", "choices": "b"}, "choices"),
        ({"key": "a", "type": "text", "choices": ["b", 1]}, "choices[1]"),
        ({"key": "a", "type": "text", "archived": 1}, "archived"),
        ({"key": "a", "type": "text", "colour": 1}, "colour"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_where_it_is_wrong(api, body, path):
    status, problem = api("post", "fields", body)

    assert status == 400
    assert path in [error["path"] for error in problem["errors"]] or path == ""
    assert Field.objects.count() == 2


def test_key_and_type_of_a_field_stay(api):
    status, problem = api("patch", "fields/Score", {"type": "text", "key": "Points"})

    assert (status, sorted(at(problem))) == (400, [("key", "wrong_type"), ("type", "wrong_type")])
    assert api("post", "fields", {"key": "Score", "type": "text"})[0] == 409


def test_a_field_in_use_is_not_deleted_and_its_users_are_named(api):
    _answerers.append(answerer := lambda kind, keys: {"Score": [Use("Gold members", "/gold")]})
    try:
        status, problem = api("delete", "fields/Score")
    finally:
        _answerers.remove(answerer)

    assert status == 409
    assert "“Gold members”" in problem["detail"]
    assert Field.objects.filter(key="Score").exists()


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (MARKETERS, "get", "contacts", 200),
        (MARKETERS, "get", "event-types", 200),
        (MARKETERS, "post", "contacts", 403),
        (MARKETERS, "post", "events", 403),
        (MARKETERS, "post", "fields", 403),
        (MARKETERS, "delete", "contacts/1", 403),
        (ADMINS, "post", "contacts", 400),
        (ADMINS, "post", "events", 400),
        (ADMINS, "delete", "contacts/1", 404),
    ],
)
def test_people_who_are_signed_in_may_do_what_their_role_says(client, role, method, path, status):
    user = User.objects.create_user("anna")
    give_role(user=user, role=role)
    client.force_login(user)

    sent = {"data": "{}", "content_type": JSON} if method == "post" else {}
    assert getattr(client, method)(f"/api/v1/{path}", **sent).status_code == status


def test_changes_by_people_need_the_token_of_their_page(client):
    user = User.objects.create_user("anna")
    give_role(user=user, role=ADMINS)
    client.force_login(user)
    client.handler.enforce_csrf_checks = True

    answer = client.post("/api/v1/contacts", data='{"external_id": "u1"}', content_type=JSON)

    assert answer.status_code == 403
    assert not Contact.objects.exists()


def test_a_longer_list_needs_no_more_queries(api, django_assert_num_queries):
    for n in range(10):
        api("post", "contacts", {"external_id": f"u{n}"})
    with CaptureQueriesContext(connection) as few:
        api("get", "contacts?limit=2")

    with django_assert_num_queries(len(few)):
        api("get", "contacts?limit=9")


def test_consents_are_sent_with_a_contact_and_shown_with_it(api):
    at_time = "2026-11-01T09:00:00Z"
    told = {"state": "subscribed", "at": at_time, "source": "Newsletter form"}

    status, made = api(
        "post", "contacts", {"external_id": "u1", "consents": {"email": told, "sms": False}}
    )

    assert status == 201
    assert made["consents"]["email"] == told
    assert (made["consents"]["sms"]["state"], made["consents"]["sms"]["source"]) == (
        "unsubscribed",
        "API key “test”",
    )
    assert "push" not in made["consents"]
    assert api("get", f"contacts/{made['id']}")[1] == made
    assert api("get", "contacts")[1]["results"] == [made]


def test_what_was_answered_can_be_sent_back(api):
    _, made = api("post", "contacts", {"external_id": "u1", "consents": {"email": True}})

    _, again = api("patch", f"contacts/{made['id']}", {"consents": made["consents"]})

    assert again["consents"] == made["consents"]
    assert Consent.objects.count() == 1


def test_a_consent_is_withdrawn_by_the_id(api):
    _, made = api("post", "contacts", {"external_id": "u1", "consents": {"email": True}})

    status, changed = api("patch", f"contacts/{made['id']}", {"consents": {"email": False}})

    assert (status, changed["consents"]["email"]["state"]) == (200, "unsubscribed")


def test_wrong_consents_are_refused_with_their_places_and_nothing_is_stored(api):
    sent = {"email": "yes", "fax": True, "sms": {"state": "subscribed", "at": "soon"}}

    status, answer = api("post", "contacts", {"external_id": "u1", "consents": sent})

    assert status == 400
    assert set(at(answer)) == {
        ("consents.email", "wrong_type"),
        ("consents.fax", "unknown_channel"),
        ("consents.sms.at", "invalid_time"),
    }
    assert not Contact.objects.exists()


def test_a_batch_may_hold_consents(api):
    rows = [
        {"external_id": "u1", "consents": {"email": True}},
        {"external_id": "u2", "consents": {"email": None}},
    ]

    _, answer = api("post", "contacts/batch", {"contacts": rows})

    assert answer["created"] == 1
    assert answer["errors"][0]["errors"][0]["path"] == "consents.email"
    assert Consent.objects.get().source == "API key “test”"


def test_lists_cost_the_same_however_many_consents_there_are(api):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            api("get", "contacts")
        return len(seen)

    api("post", "contacts", {"external_id": "u0", "consents": {"email": True}})
    few = queries()
    for number in range(10):
        api("post", "contacts", {"external_id": f"u{number}", "consents": {"sms": True}})

    assert queries() == few
