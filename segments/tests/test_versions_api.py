"""The versions of a segment by API."""

from __future__ import annotations

import pytest

from contacts.fields import delete_field
from contacts.models import Field
from segmentflow.roles import ADMINS
from segments import services
from segments.engine.facts import _known
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    make_user,
    queries_of,
    settled,
)

pytestmark = pytest.mark.django_db

VERSIONS = "/api/v1/segments/vips/versions"


@pytest.fixture
def segment(client):
    """Everyone in version 1, the golden ones in version 2."""
    user = make_user(ADMINS)
    client.force_login(user)
    make_field()
    make_contact("u1")
    segment = settled(make_segment(author=user))
    return settled(update(segment, definition=GOLD))


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


def test_versions_are_listed_with_what_they_changed_and_whom_they_moved(client, segment):
    answer = client.get(VERSIONS).json()

    newest, first = answer["results"]
    assert answer["next"] is None
    assert (newest["number"], newest["live"], newest["author"]) == (2, True, "")
    assert (newest["members"], newest["entered"], newest["left"]) == (0, 0, 1)
    assert newest["sentence"] == "Tier is Gold"
    assert newest["definition"] == GOLD
    assert [(one["change"], one["before"], one["after"]) for one in newest["changes"]] == [
        ("removed", "Everyone", ""),
        ("added", "", "Tier is Gold"),
    ]
    assert newest["changes"][0]["within"] == ["All of the conditions have to fit"]
    assert (first["author"], first["live"], first["changes"]) == ("ada", False, None)


def test_pages_leave_no_change_out_and_cost_no_more_queries(client, segment):
    client.get(VERSIONS)  # a process reads each version once
    few = queries_of(lambda: client.get(VERSIONS))
    for _ in range(3):
        update(segment, definition=EVERYONE)
    client.get(VERSIONS)
    assert queries_of(lambda: client.get(VERSIONS)) == few

    address, numbers = f"{VERSIONS}?limit=2", []
    while address:
        answer = client.get(address).json()
        numbers += [row["number"] for row in answer["results"]]
        assert all(row["changes"] is not None for row in answer["results"] if row["number"] > 1)
        address = answer["next"]

    assert numbers == [5, 4, 3, 2, 1]


def test_one_version_is_read_and_compared_with_any_other(client, segment):
    update(segment, definition=EVERYONE)

    assert client.get(f"{VERSIONS}/2").json()["sentence"] == "Tier is Gold"
    assert client.get(f"{VERSIONS}/1/compared/3").json() == {"same": True, "changes": []}
    [removed, added] = client.get(f"{VERSIONS}/1/compared/2").json()["changes"]
    assert (removed["before"], added["after"]) == ("Everyone", "Tier is Gold")


@pytest.mark.parametrize("number", ["0", "4", "9" * 18])
def test_there_is_no_other_version(client, segment, number):
    for address in (
        f"{VERSIONS}/{number}",
        f"{VERSIONS}/1/compared/{number}",
        f"{VERSIONS}/{number}/compared/1",
    ):
        assert client.get(address).status_code == 404
    assert client.post(f"{VERSIONS}/{number}/restore").status_code == 404


@pytest.mark.parametrize("asked", ["limit=0", "limit=101", "cursor=x", "limit=x"])
def test_what_is_no_page_is_refused(client, segment, asked):
    assert client.get(f"{VERSIONS}?{asked}").status_code == 400


def test_a_version_is_published_again(client, segment):
    answer = client.post(f"{VERSIONS}/1/restore")

    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    assert answer.json()["definition"] == EVERYONE


def test_what_cannot_be_read_any_more_is_told_and_not_published(client, segment):
    segment = settled(update(segment, definition=EVERYONE))
    delete_field(field=Field.objects.get())
    _known.clear()  # as in a process that starts after this

    assert client.get(f"{VERSIONS}/2").json()["sentence"] == ""
    assert client.get(f"{VERSIONS}/1/compared/2").status_code == 409
    refused = client.post(f"{VERSIONS}/2/restore")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "children[0].field"
