"""What is done with a segment as a whole, and the form of its details."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.fields import delete_field
from segmentflow.roles import ADMINS
from segments import services
from segments.models import Segment
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    make_user,
    settled,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def address(name, key="vips"):
    return reverse(f"segment_{name}", args=[key])


def said(client, name):
    """What the page says that one gets to."""
    return client.post(address(name), follow=True).content.decode()


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


@pytest.fixture
def segment(marketer):
    make_contact("u1")
    return settled(make_segment())


def stored():
    return Segment.objects.get(key="vips")


def test_a_segment_is_paused_and_resumed(client, segment):
    assert "“Vips” is paused" in said(client, "pause")
    assert stored().status == "paused"

    assert "“Vips” is live again" in said(client, "resume")
    assert stored().status == "live"


def test_a_draft_has_nothing_to_pause(client, marketer):
    make_segment(definition=None)

    assert "There is nothing to pause yet" in said(client, "pause")


def test_what_cannot_be_resumed_says_why(client, marketer):
    field = make_field()
    segment = settled(make_segment(definition=GOLD))
    update(segment, status="archived")
    delete_field(field=field)

    page = said(client, "restore")

    assert "alert-danger" in page
    assert "tier" in page
    assert stored().status == "archived"


def test_a_segment_is_taken_out_of_the_archive(client, segment):
    update(segment, status="archived")

    assert "out of the archive" in said(client, "restore")
    assert stored().status == "live"


def test_a_copy_is_where_one_gets_to(client, segment):
    response = client.post(address("duplicate"), follow=True)

    assert response.redirect_chain == [(address("detail", "vips-copy"), 302)]
    assert "This is a copy of “Vips”" in response.content.decode()
    copy = Segment.objects.get(key="vips-copy")
    assert (copy.status, copy.draft, copy.owner.username) == ("draft", EVERYONE, "mia")


def test_a_static_list_is_not_copied(client, marketer):
    make_segment(kind="static")

    assert "no definition that could be copied" in said(client, "duplicate")


@pytest.mark.parametrize("name", ["archive", "delete"])
def test_the_question_names_what_is_hit(client, segment, name):
    page = client.get(address(name)).content.decode()

    assert f"{name.capitalize()} segment “Vips”" in page
    assert "1 member" in page
    assert f"{name.capitalize()} segment</button>" in page


@pytest.mark.parametrize("name", ["archive", "delete"])
def test_the_question_comes_alone_for_a_dialog(client, segment, name):
    page = client.get(address(name), headers=HTMX).content

    assert b"<html" not in page
    assert b"<form" in page


@pytest.mark.parametrize(("name", "done"), [("archive", "archived"), ("delete", "deleted")])
def test_what_is_used_is_kept_and_the_users_are_named(client, segment, name, done):
    settled(make_segment("users", in_segment("vips"), name="Users of VIPs"))

    question = client.get(address(name)).content.decode()
    answer = said(client, name)

    assert f"cannot be {done}" in question
    assert "Users of VIPs" in question
    assert f"{name.capitalize()} segment</button>" not in question
    assert f"is used by “Users of VIPs” and cannot be {done}" in answer
    assert stored().status == "live"


def test_a_segment_is_archived(client, segment):
    assert "is in the archive" in said(client, "archive")
    assert stored().status == "archived"


def test_a_segment_is_deleted(client, segment):
    response = client.post(address("delete"), follow=True)

    assert response.redirect_chain == [(reverse("segment_list"), 302)]
    assert "“Vips” was deleted" in response.content.decode()
    assert not Segment.objects.exists()


class TestDetails:
    GIVEN = {"name": "Best", "description": "Ours", "tags": "b, A", "owner": ""}

    def send(self, client, **given):
        return client.post(address("edit_details"), self.GIVEN | given)

    def test_the_form_shows_what_is_stored(self, client, marketer):
        make_segment(description="Ours", tags=["a", "b"], author=marketer)

        page = client.get(address("edit_details")).content.decode()

        assert 'value="a, b"' in page
        assert "Ours" in page
        assert f'<option value="{marketer.pk}" selected>mia</option>' in page

    def test_what_is_sent_is_stored(self, client, segment):
        bert = make_user(ADMINS, name="bert")

        response = self.send(client, owner=bert.pk)

        assert response.headers["Location"] == address("detail")
        found = stored()
        assert (found.name, found.description, found.tags) == ("Best", "Ours", ["a", "b"])
        assert found.owner == bert

    def test_nobody_may_own_it(self, client, segment):
        Segment.objects.update(owner=make_user(name="bert"))

        self.send(client)

        assert stored().owner is None

    @pytest.mark.parametrize("headers", [{}, HTMX])
    @pytest.mark.parametrize(
        ("given", "place", "words"),
        [
            ({"name": " "}, "id_name", "This field is required"),
            ({"name": "n" * 101}, "id_name", "at most 100 characters"),
            ({"name": "a\0"}, "id_name", "Null characters"),
            ({"tags": "t" * 51}, "id_tags", "at most 50 characters"),
            ({"tags": ",".join(map(str, range(21)))}, "id_tags", "at most 20 tags"),
            ({"owner": "999999"}, "id_owner", "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(
        self, client, segment, headers, given, place, words
    ):
        response = client.post(address("edit_details"), self.GIVEN | given, headers=headers)

        assert response.status_code == 422
        page = response.content.decode()
        after = page.partition(f'id="{place}_error"')[2]
        assert words in after.partition("</div></div>")[0]
        assert stored().name == "Vips"

    def test_somebody_who_left_stays_the_owner_until_another_is_chosen(self, client, segment):
        gone = make_user(name="bert")
        gone.is_active = False
        gone.save()
        Segment.objects.update(owner=gone)

        self.send(client, owner=gone.pk)

        assert stored().owner == gone

    def test_nobody_who_left_becomes_the_owner(self, client, segment):
        gone = make_user(name="bert")
        gone.is_active = False
        gone.save()

        assert self.send(client, owner=gone.pk).status_code == 422
