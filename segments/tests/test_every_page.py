"""What all pages of segments have in common: who may see them, parts, costs, odd questions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from segments import services
from segments.engine.settle import settle
from segments.models import Segment
from segments.tests.made import (
    EVERYONE,
    NOW,
    in_segment,
    make_contact,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/segments?q=a"}

LIST = reverse("segment_list")
DETAIL, ACTIVITY, VERSIONS, CSV, EDIT, ARCHIVE, DELETE = (
    reverse(f"segment_{name}", args=["vips"])
    for name in ("detail", "activity", "versions", "csv", "edit_details", "archive", "delete")
)
SHOWN = [LIST, DETAIL, ACTIVITY, VERSIONS, CSV]
ASKED = [EDIT, ARCHIVE, DELETE]
DONE = [
    *(reverse(f"segment_{name}", args=["vips"]) for name in ("pause", "resume", "restore")),
    reverse("segment_duplicate", args=["vips"]),
    reverse("segment_restore_version", args=["vips", 1]),
]
PARTS = [
    (LIST, "segments"),
    (DETAIL, "now"),
    (DETAIL, "members"),
    (DETAIL, "latest"),
    (ACTIVITY, "activity"),
]


@pytest.fixture
def segment():
    make_contact("u1", email="anna@example.com")
    return settled(make_segment())


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_works(client, reader, segment, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ASKED)
def test_a_question_works(client, marketer, segment, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", DONE)
def test_what_is_done_leads_on(client, marketer, segment, address):
    assert client.post(address).status_code == 302


@pytest.mark.parametrize("address", SHOWN + ASKED)
def test_a_page_needs_someone_signed_in(client, segment, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("address", DONE + ASKED)
def test_doing_something_needs_someone_signed_in(client, segment, address):
    response = client.post(address)

    assert response.headers["Location"].startswith(reverse("login"))
    assert Segment.objects.get().status == "live"


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_needs_a_role(client, segment, address):
    client.force_login(make_user())

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", ASKED)
def test_a_question_is_not_asked_of_readers(client, reader, segment, address):
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", DONE + ASKED)
def test_readers_change_nothing(client, reader, segment, address):
    assert client.post(address).status_code == 403
    assert Segment.objects.get().status == "live"
    assert segment.versions.count() == 1


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_only_shows(client, marketer, segment, address):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", DONE)
def test_nothing_is_done_by_looking(client, marketer, segment, address):
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("address", ASKED)
def test_a_question_is_asked_or_answered(client, marketer, segment, address):
    assert client.put(address).status_code == 405


@pytest.mark.parametrize("address", [*SHOWN[1:], *ASKED])
def test_an_unknown_segment_is_a_404(client, marketer, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", DONE)
def test_nothing_is_done_with_an_unknown_segment(client, marketer, address):
    assert client.post(address).status_code == 404


@pytest.mark.parametrize(("address", "part"), PARTS)
def test_htmx_gets_the_part_alone(client, reader, segment, address, part):
    whole = client.get(address)
    piece = client.get(address, headers=HTMX | {"HX-Target": part})

    assert b"<html" in whole.content
    assert f'id="{part}"'.encode() in whole.content
    assert f'id="{part}"'.encode() in piece.content
    assert b"<html" not in piece.content
    others = {other for at, other in PARTS if at == address} - {part}
    assert not any(f'id="{other}"'.encode() in piece.content for other in others)
    for response in (whole, piece):
        assert "HX-Request" in response.headers["Vary"]


def test_the_part_is_what_the_target_says(client, reader, segment):
    response = client.get(DETAIL)

    assert "HX-Target" in response.headers["Vary"]


def test_an_unknown_target_gets_the_first_part(client, reader, segment):
    response = client.get(DETAIL, headers=HTMX | {"HX-Target": "odd"})

    assert b'id="now"' in response.content


@pytest.mark.parametrize("address", [LIST, DETAIL, ACTIVITY])
def test_a_page_gone_back_to_is_whole(client, reader, segment, address):
    response = client.get(address, headers=HTMX | {"HX-History-Restore-Request": "true"})

    assert b"<html" in response.content


def test_whoever_was_signed_out_meanwhile_is_sent_to_sign_in_as_a_whole(client, segment):
    response = client.get(LIST, headers=HTMX)

    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == f"{reverse('login')}?next=/segments%3Fq%3Da"


@pytest.mark.parametrize("address", [LIST, DETAIL, ACTIVITY, VERSIONS])
@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=%ff",
        f"?q={'a' * 5000}",
        "?q=%27%3A%2A%21%28",
        "?page=x",
        "?page=0",
        "?page=99999999999999999999",
        "?status=odd&tag=%00&sort=odd",
        "?after=x",
        "?after=-1",
        f"?after={'9' * 30}",
        "?after=%C2%B2",
        "?before=",
        "?before=1",
        "?before=0",
        "?days=x",
        "?days=12",
        "?first=2026-02-30",
        "?first=x&last=y",
        "?first=0001-01-01&last=9999-12-31",
        "?first=2026-12-01&last=2026-01-01",
        "?moved=odd",
    ],
)
def test_odd_questions_get_an_answer(client, reader, segment, address, query):
    assert client.get(address + query).status_code == 200


@pytest.mark.parametrize("address", [LIST, DETAIL, ACTIVITY, VERSIONS])
def test_names_are_shown_as_text(client, reader, address):
    settled(make_segment(name="<script>alert(1)</script>", description="<b>", tags=["<i>"]))

    page = client.get(address).content

    assert b"<script>alert" not in page
    assert b"<b>" not in page
    assert b"<i>" not in page


@pytest.mark.parametrize("address", [LIST, DETAIL, ACTIVITY])
def test_a_page_costs_the_same_for_twice_as_much(client, reader, segment, address):
    def add(count):
        for number in range(count):
            make_contact(f"more-{count}-{number}")
            make_segment(f"s-{count}-{number}", EVERYONE)
            make_segment(f"d-{count}-{number}", EVERYONE, status="draft")
            make_segment(f"u-{count}-{number}", in_segment("vips"))
        settle(now=NOW)
        client.get(address)  # a process reads each version once

    add(3)
    few = queries_of(lambda: client.get(address))
    add(6)
    many = queries_of(lambda: client.get(address))

    assert few == many <= 36


def test_versions_cost_the_same_for_twice_as_many(client, reader, segment):
    def add(count):
        for _ in range(count):
            services.update_segment(segment=segment, definition=EVERYONE, author=None, now=NOW)
        client.get(VERSIONS)

    add(3)
    few = queries_of(lambda: client.get(VERSIONS))
    add(6)
    many = queries_of(lambda: client.get(VERSIONS))

    assert few == many <= 36
