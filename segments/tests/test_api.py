"""The segments' API: answers, refusals with their paths, pages, lists kept by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.fields import delete_field
from contacts.models import Field
from contacts.problems import Conflict
from contacts.selecting import Selection
from contacts.selectors import contacts_after
from segmentflow.api.keys import create_key
from segmentflow.clock import current_time
from segmentflow.models import TallySubject, User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS
from segmentflow.tallies import add
from segments import services
from segments.engine.settle import settle
from segments.models import Membership, Segment
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    UNKNOWN_FIELD,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

CREATED_TODAY = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "field",
            "field": "created_at",
            "operator": "in_last",
            "value": {"amount": 24, "unit": "hour"},
        }
    ],
}

SEGMENTS = "/api/v1/segments"
VIPS = f"{SEGMENTS}/vips"
MEMBERS = f"{VIPS}/members"
PREVIEW = f"{SEGMENTS}/preview"


@pytest.fixture
def ada(client):
    user = make_user(ADMINS)
    client.force_login(user)
    return user


@pytest.fixture
def api(client, ada):
    """Sends JSON."""

    class Api:
        get = staticmethod(client.get)

        @staticmethod
        def send(method, path, data):
            return getattr(client, method)(path, data, content_type="application/json")

    return Api()


def created(api, **values):
    return api.send("post", SEGMENTS, {"key": "vips", "name": "Vips"} | values)


def paths(response):
    return [problem["path"] for problem in response.json()["errors"]]


def keys(response):
    return [row["key"] for row in response.json()["results"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", SEGMENTS),
        ("post", SEGMENTS),
        ("get", VIPS),
        ("patch", VIPS),
        ("delete", VIPS),
        ("get", MEMBERS),
        ("get", f"{VIPS}/members.csv"),
        ("post", PREVIEW),
        ("get", f"{VIPS}/explain/1"),
        ("get", f"{VIPS}/transitions"),
        ("get", f"{VIPS}/history"),
        ("get", "/api/v1/contacts/1/segments"),
        ("get", "/api/v1/status"),
    ],
)
def test_nothing_is_answered_without_a_key(client, method, path):
    make_segment()

    response = getattr(client, method)(path)

    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"


def with_key(client, *scopes):
    _, key = create_key(name="program", scopes=scopes)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def test_a_program_that_may_read_reads_and_previews(client):
    make_segment()
    program = with_key(client, "read")

    assert program.get(VIPS).status_code == 200
    preview = program.post(PREVIEW, {"definition": EVERYONE}, content_type="application/json")
    assert preview.status_code == 200
    assert program.delete(VIPS).status_code == 403


def test_a_program_that_may_write_makes_segments_that_nobody_owns(client):
    program = with_key(client, "write")

    response = program.post(
        SEGMENTS, {"key": "vips", "name": "Vips"}, content_type="application/json"
    )

    assert response.status_code == 201
    assert Segment.objects.get().owner is None
    assert program.get(VIPS).status_code == 403


def test_the_status_is_open_to_every_program(client):
    assert with_key(client, "ingest").get("/api/v1/status").status_code == 200


def test_a_person_may_do_what_their_role_may(client):
    make_segment()
    client.force_login(make_user(CAMPAIGN_MANAGERS))

    assert client.get(VIPS).status_code == 200
    assert client.patch(VIPS, {"name": "x"}, content_type="application/json").status_code == 403
    assert client.delete(VIPS).status_code == 403
    assert (
        client.post(MEMBERS, {"contacts": []}, content_type="application/json").status_code == 403
    )
    preview = client.post(PREVIEW, {"definition": EVERYONE}, content_type="application/json")
    assert preview.status_code == 200


def test_a_person_without_a_role_sees_nothing(client):
    client.force_login(User.objects.create_user("guest", is_staff=True))

    assert client.get(SEGMENTS).status_code == 403


def test_numbers_stay_as_exact_as_they_were_sent(api):
    make_field("amount", "number")
    digits = "12345678901234567890.123456789012345678"
    text = """{"key": "vips", "name": "Vips", "definition": {"kind": "group", "match": "all",
        "children": [{"kind": "field", "field": "amount", "operator": "equals", "value": %s}]}}"""

    api.send("post", SEGMENTS, text % digits)

    assert f'"value":{digits}' in api.get(VIPS).content.decode()


def test_a_segment_is_made_and_described(api, ada):
    make_contact("u1")

    response = created(api, definition=EVERYONE)

    assert response.status_code == 201
    answer = response.json()
    assert answer["status"] == "live"
    assert answer["state"] == "building"
    assert answer["version"] == 1
    assert answer["definition"] == EVERYONE
    assert answer["sentence"] == "Everyone"
    assert Segment.objects.get().owner == ada


def test_a_built_segment_says_so(api):
    make_contact("u1")
    settled(make_segment())

    answer = api.get(VIPS).json()

    assert (answer["state"], answer["member_count"]) == ("ready", 1)
    assert answer["built_at"] == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize("path", [SEGMENTS, VIPS, MEMBERS, f"{VIPS}/history"])
def test_a_trailing_slash_changes_nothing(api, path):
    make_segment()

    assert api.get(f"{path}/").status_code == 200


def test_every_problem_of_a_definition_has_its_path_in_it(api):
    response = created(api, definition=UNKNOWN_FIELD)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert paths(response) == ["children[0].field"]
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"key": "a b"}, "key"),
        ({"key": 7.5}, "key"),
        ({"key": ["vips"]}, "key"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"kind": "odd"}, "kind"),
        ({"status": "odd"}, "status"),
        ({"status": "archived"}, "status"),
        ({"description": None}, "description"),
        ({"status": "live"}, "definition"),
        ({"colour": "red"}, "colour"),
        ({"definition": {"a": "\0"}, "status": "draft"}, "definition.a"),
        ({"definition": [], "status": "draft"}, ""),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(api, values, path):
    response = created(api, **values)

    assert response.status_code == 400
    assert paths(response) == [path]
    assert not Segment.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(api, body):
    assert api.send("post", SEGMENTS, body).status_code == 400


def test_a_key_is_given_once(api):
    make_segment()

    assert created(api).status_code == 409


def test_a_definition_nested_far_too_deep_is_refused(api):
    definition: dict[str, Any] = {"kind": "group", "match": "all", "children": []}
    for _ in range(400):
        definition = {"kind": "group", "match": "all", "children": [definition]}

    assert created(api, definition=definition).status_code == 400


def test_an_edit_publishes_the_next_version(api):
    make_field()
    settled(make_segment())

    answer = api.send("patch", VIPS, {"definition": GOLD}).json()

    assert (answer["version"], answer["state"]) == (2, "building")
    assert answer["definition"] == GOLD


def test_the_key_cannot_be_changed(api):
    make_segment()

    assert paths(api.send("patch", VIPS, {"key": "other"})) == ["key"]


def test_pausing_and_going_live_again(api):
    settled(make_segment())

    assert api.send("patch", VIPS, {"status": "paused"}).json()["status"] == "paused"
    assert api.send("patch", VIPS, {"status": "live"}).json()["state"] == "building"


def test_what_is_used_is_not_deleted_and_its_users_are_named(api):
    make_segment("vips")
    make_segment("some", in_segment("vips"), name="Some of them")

    response = api.send("delete", VIPS, None)

    assert response.status_code == 409
    assert "Some of them" in response.json()["detail"]


def test_what_is_not_used_is_deleted(api):
    make_segment()

    assert api.send("delete", VIPS, None).status_code == 204
    assert api.get(VIPS).status_code == 404


@pytest.mark.parametrize("path", ["", "/members", "/members.csv", "/transitions", "/history"])
def test_an_unknown_segment_is_a_404(api, path):
    response = api.get(f"{SEGMENTS}/nobody{path}")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_segments_come_in_pages(api):
    for key in ("c", "a", "b"):
        make_segment(key)

    first = api.get(SEGMENTS, {"limit": 2})
    second = api.get(first.json()["next"])

    assert keys(first) == ["a", "b"]
    assert keys(second) == ["c"]
    assert second.json()["next"] is None


def test_segments_are_searched_and_filtered(api):
    make_segment("one")
    services.update_segment(segment=make_segment("two"), status="archived", author=None, now=NOW)

    assert keys(api.get(SEGMENTS)) == ["one"]
    assert keys(api.get(SEGMENTS, {"status": "archived"})) == ["two"]
    assert keys(api.get(SEGMENTS, {"search": "ON"})) == ["one"]


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=x",
        "?limit=1001",
        "?limit=" + "9" * 5000,
        "?status=odd",
        "?search=%00",
        "?cursor=%00",
    ],
)
def test_odd_questions_to_the_list_are_refused(api, query):
    assert api.get(SEGMENTS + query).status_code == 400


def test_members_come_in_pages(api):
    ids = [make_contact(f"u{number}").pk for number in range(3)]
    settled(make_segment())

    first = api.get(MEMBERS, {"limit": 2}).json()
    second = api.get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == ids
    assert first["results"][0] == {
        "id": ids[0],
        "external_id": "u0",
        "email": "",
        "entered_at": "2026-11-20T12:00:00Z",
    }
    assert second["next"] is None


def test_ten_thousand_members_fit_in_an_answer(api):
    make_segment()

    assert api.get(MEMBERS, {"limit": 10_000}).status_code == 200
    assert api.get(MEMBERS, {"limit": 10_001}).status_code == 400


@pytest.mark.parametrize("cursor", ["x", "-1", "²", "9" * 30])
def test_a_cursor_of_another_list_is_refused(api, cursor):
    make_segment()

    assert api.get(MEMBERS, {"cursor": cursor}).status_code == 400


def test_the_largest_cursor_is_the_end(api):
    make_segment()

    assert api.get(MEMBERS, {"cursor": "9" * 19}).json()["results"] == []


def test_members_are_downloaded_as_a_file(api):
    make_contact("=1+1")
    settled(make_segment())

    response = api.get(f"{VIPS}/members.csv", headers={"accept": "text/csv"})

    lines = response.getvalue().decode().splitlines()

    assert len(lines) == 2
    assert "'=1+1" in lines[1]


def test_contacts_are_listed_by_any_of_their_names(api):
    from contacts.models import Identity

    ids = [make_contact(name).pk for name in "abc"]
    Identity.objects.create(kind="external_id", value="b", contact_id=ids[1])
    Identity.objects.create(kind="email", value="c@example.com", contact_id=ids[2])
    make_segment(kind="static")
    rows = [{"id": ids[0]}, {"external_id": "b"}, {"email": "C@Example.com"}]

    answer = api.send("post", MEMBERS, {"contacts": rows}).json()

    assert answer == {"added": 3, "errors": []}
    assert sorted(Membership.objects.values_list("contact_id", flat=True)) == ids
    assert api.get(VIPS).json()["member_count"] == 3


def test_whoever_is_not_known_is_reported_and_the_others_are_listed(api):
    pk = make_contact("a").pk
    make_segment(kind="static")
    bad = [
        {"id": 0},
        {"id": True},
        {"id": 2**70},
        {"id": pk + 1_000_000},
        {"external_id": "nobody"},
        {"external_id": ""},
        {"email": 7},
        {"name": "x"},
        {"id": pk, "email": "x"},
        {},
        None,
        "a",
    ]

    answer = api.send("post", MEMBERS, {"contacts": [*bad, {"id": pk}]}).json()

    assert answer["added"] == 1
    assert [row["index"] for row in answer["errors"]] == list(range(len(bad)))


def test_listing_twice_changes_nothing(api):
    pk = make_contact("a").pk
    make_segment(kind="static")
    api.send("post", MEMBERS, {"contacts": [{"id": pk}]})

    answer = api.send("post", MEMBERS, {"contacts": [{"id": pk}, {"id": pk}]}).json()

    assert answer["added"] == 0
    assert api.get(VIPS).json()["member_count"] == 1


def test_contacts_are_taken_off_a_list(api):
    pk = make_contact("a").pk
    make_segment(kind="static")
    api.send("post", MEMBERS, {"contacts": [{"id": pk}]})

    answer = api.send("delete", MEMBERS, {"contacts": [{"id": pk}]}).json()

    assert answer == {"removed": 1, "errors": []}
    assert not Membership.objects.exists()


def test_whoever_refers_to_a_list_follows_it(api):
    pk = make_contact("a").pk
    make_segment(kind="static")
    follower = settled(make_segment("some", in_segment("vips")))

    api.send("post", MEMBERS, {"contacts": [{"id": pk}]})

    assert settled(follower).member_count == 1


@pytest.mark.parametrize("method", ["post", "delete"])
def test_members_of_a_dynamic_segment_follow_from_its_definition(api, method):
    pk = make_contact("a").pk
    make_segment()

    response = api.send(method, MEMBERS, {"contacts": [{"id": pk}]})

    assert response.status_code == 400
    assert not Membership.objects.exists()


@pytest.mark.parametrize("body", [{}, [], {"contacts": {}}, {"contacts": [], "more": 1}])
def test_a_list_that_is_none_is_refused(api, body):
    make_segment(kind="static")

    assert api.send("post", MEMBERS, body).status_code == 400


def test_a_list_has_an_end(api):
    make_segment(kind="static")

    response = api.send("post", MEMBERS, {"contacts": [{"id": 1}] * 5_001})

    assert paths(response) == ["contacts"]


def test_a_preview_counts_and_stores_nothing(api):
    make_field()
    gold = make_contact("a", attributes={"tier": "Gold"})
    make_contact("b")

    answer = api.send("post", PREVIEW, {"definition": GOLD, "sample": 5}).json()

    assert (answer["count"], answer["exact"]) == (1, True)
    assert answer["sample"] == [{"id": gold.pk, "external_id": "a", "email": ""}]
    assert answer["conditions"] == [
        {"path": "", "count": 1},
        {"path": "children[0]", "count": 1},
    ]
    assert not Segment.objects.exists()


def test_a_preview_of_a_bad_definition_shows_its_problems(api):
    response = api.send("post", PREVIEW, {"definition": UNKNOWN_FIELD})

    assert response.status_code == 400
    assert paths(response) == ["children[0].field"]


@pytest.mark.parametrize("sample", [-1, 101, "x", 1.5, None])
def test_a_sample_is_small(api, sample):
    response = api.send("post", PREVIEW, {"definition": EVERYONE, "sample": sample})

    assert paths(response) == ["sample"]


def test_an_explanation_has_the_truth_at_every_node(api):
    make_field()
    contact = make_contact("a", attributes={"tier": "Silver"})
    settled(make_segment(definition=GOLD))

    answer = api.get(f"{VIPS}/explain/{contact.pk}").json()

    assert (answer["kind"], answer["truth"]) == ("group", False)
    (child,) = answer["children"]
    assert child["path"] == "children[0]"
    assert child["kind"] == "field"
    assert child["truth"] is False
    assert "Silver" in child["actual"]
    assert child["sentence"] == "Tier is Gold"
    assert child["actual_words"] == "Tier: Silver"
    assert (answer["is_member"], answer["entered_at"], answer["moves"]) == (False, None, [])


def test_explaining_tells_of_the_membership_and_when_it_changes(api):
    now = current_time()
    contact = make_contact("a", created_at=now)
    settled(make_segment(definition=CREATED_TODAY, now=now), now=now)

    answer = api.get(f"{VIPS}/explain/{contact.pk}").json()

    assert (answer["is_member"], answer["truth"]) == (True, True)
    assert datetime.fromisoformat(answer["entered_at"]) == now
    changes_at = datetime.fromisoformat(answer["changes_at"])
    assert changes_at == now + timedelta(hours=24, microseconds=1)
    assert answer["children"][0]["changes_at"] == answer["changes_at"]
    [move] = answer["moves"]
    assert (move["entered"], move["cause"], move["why"]) == (
        True,
        {"kind": "definition", "version": 1},
        "Definition v1",
    )


@pytest.mark.parametrize("contact", ["0", "999999999", "9" * 18])
def test_explaining_an_unknown_contact_is_a_404(api, contact):
    make_segment()

    assert api.get(f"{VIPS}/explain/{contact}").status_code == 404


def test_a_draft_has_nothing_to_explain(api):
    make_segment(definition=None)

    assert api.get(f"{VIPS}/explain/{make_contact('a').pk}").status_code == 409


def test_transitions_say_who_moved_when_and_why(api):
    make_field()
    contact = make_contact("a")
    settled(make_segment())
    api.send("patch", VIPS, {"definition": GOLD})
    settle(now=NOW + timedelta(hours=1))

    entered, left = api.get(f"{VIPS}/transitions").json()["results"]

    assert entered["entered"] is True
    assert left["entered"] is False
    assert left["at"] == "2026-11-20T13:00:00Z"
    assert left["contact"] == {"id": contact.pk, "external_id": "a", "email": ""}
    assert left["cause"] == {"kind": "definition", "version": 2}
    assert left["why"] == "Definition v2"


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-11-20T12:00:00Z", 1),
        ("2026-11-20T12:00:01%2B00:00", 0),
        ("2026-11-20T13:00:00+01:00", 1),
    ],
)
def test_transitions_since_an_instant(api, since, count):
    make_contact("a")
    settled(make_segment())

    answer = api.get(f"{VIPS}/transitions?since={since}").json()

    assert len(answer["results"]) == count


@pytest.mark.parametrize("offset", ["%2B16:00", "-23:59", "%2B14:00"])
def test_transitions_since_an_instant_with_an_offset_that_nobody_has(api, offset):
    """PostgreSQL knows none of sixteen hours."""
    make_segment()

    assert api.get(f"{VIPS}/transitions?since=2000-01-01T00:00:00{offset}").status_code == 200


@pytest.mark.parametrize("since", ["yesterday", "2026-02-30T00:00:00Z", "%00"])
def test_an_instant_that_is_none_is_refused(api, since):
    make_segment()

    assert paths(api.get(f"{VIPS}/transitions?since={since}")) == ["since"]


def test_transitions_come_in_pages(api):
    for number in range(3):
        make_contact(f"u{number}")
    settled(make_segment())

    first = api.get(f"{VIPS}/transitions", {"limit": 2}).json()
    second = api.get(first["next"]).json()

    assert len(first["results"]) == 2
    assert len(second["results"]) == 1
    assert second["next"] is None


def test_history_shows_the_size_of_every_day(api):
    make_contact("a")
    settled(make_segment())

    days = api.get(f"{VIPS}/history", {"from": "2026-11-19", "to": "2026-11-20"}).json()["results"]

    assert days == [
        {"day": "2026-11-19", "entered": 0, "left": 0, "members": 0},
        {"day": "2026-11-20", "entered": 1, "left": 0, "members": 1},
    ]


def test_history_shows_thirty_days_unless_asked(api):
    make_segment()

    assert len(api.get(f"{VIPS}/history").json()["results"]) == 30


def test_history_is_told_by_the_hour(api):
    day = datetime(2024, 2, 29, tzinfo=UTC)
    add(TallySubject.ENTERED, make_segment().pk, {day + timedelta(hours=12, minutes=20): 1})

    asked = {"grain": "hour", "first": "2024-02-29", "last": "2024-02-29"}
    hours = api.get(f"{VIPS}/history", asked).json()["results"]

    assert [hour["members"] for hour in hours] == [0] * 12 + [1] * 12
    assert hours[12] == {"start": "2024-02-29T12:00:00Z", "entered": 1, "left": 0, "members": 1}


def test_hours_that_are_to_come_are_not_told(api):
    make_segment()
    tomorrow = (current_time() + timedelta(days=1)).date().isoformat()

    assert len(api.get(f"{VIPS}/history", {"grain": "hour"}).json()["results"]) <= 48
    asked = {"grain": "hour", "first": "9000-12-01"}
    assert api.get(f"{VIPS}/history", asked).status_code == 400
    asked = {"grain": "hour", "first": tomorrow, "last": "2999-01-01"}
    assert api.get(f"{VIPS}/history", asked).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "?from=2026-11-21&to=2026-11-20",
        "?first=2026-11-21&last=2026-11-20",
        "?grain=hour&first=2026-11-01&last=2026-12-02",
        "?grain=minute",
        "?from=1990-01-01",
        "?from=x",
        "?to=99999-01-01",
        "?to=9999-12-31",
    ],
)
def test_days_that_are_none_are_refused(api, query):
    make_segment()

    assert api.get(f"{VIPS}/history{query}").status_code == 400


def test_a_field_that_a_live_segment_uses_cannot_be_deleted():
    make_field()
    make_segment("gold", GOLD, name="Golden ones")

    with pytest.raises(Conflict, match="Golden ones"):
        delete_field(field=Field.objects.get(key="tier"))


def test_contacts_are_listed_by_segment():
    inside = make_contact("a")
    settled(make_segment())
    make_contact("b")

    rows = contacts_after(0, limit=10, selection=Selection(by={"segment": "vips"}))

    assert [row["id"] for row in rows] == [inside.pk]


def test_the_segments_of_a_contact(api):
    contact = make_contact("a")
    settled(make_segment())

    answer = api.get(f"/api/v1/contacts/{contact.pk}/segments").json()

    assert answer["results"] == [
        {"key": "vips", "name": "Vips", "entered_at": "2026-11-20T12:00:00Z"}
    ]
    assert api.get("/api/v1/contacts/999999999/segments").status_code == 404


def test_the_status_says_how_far_behind_everything_is(api):
    make_contact("a")

    answer = api.get("/api/v1/status").json()

    assert answer["pending_contacts"] == 1
    assert set(answer) == {
        "pending_contacts",
        "oldest_pending_ms",
        "overdue_deadlines",
        "workers",
        "is_disk_full",
        "version",
    }


@pytest.mark.parametrize("path", [SEGMENTS, MEMBERS, f"{VIPS}/transitions"])
def test_an_answer_costs_the_same_for_twice_as_much(api, path):
    def add(count):
        for number in range(count):
            make_contact(f"c-{count}-{number}")
            make_segment(f"s-{count}-{number}")
        settle(now=NOW)
        api.get(path)  # a process reads each version once

    make_segment()
    add(3)
    few = queries_of(lambda: api.get(path))
    add(6)

    assert queries_of(lambda: api.get(path)) == few
