"""The versions of a definition: what each said, what it changed, and going back to one."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.fields import delete_field
from contacts.models import Field
from segments import services
from segments.builder.drafts import open_draft, save_step, undo
from segments.engine.facts import _known
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    settled,
)
from segments.views.versions import VERSIONS_A_PAGE

pytestmark = pytest.mark.django_db

VERSIONS = reverse("segment_versions", args=["vips"])


def restore(number):
    return reverse("segment_restore_version", args=["vips", number])


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


def text(client, **asked):
    return client.get(VERSIONS, asked).content.decode()


def rows(client, **asked):
    return client.get(VERSIONS, asked).context["rows"]


@pytest.fixture
def segment(marketer):
    """Everyone in version 1, the golden ones in version 2."""
    make_field()
    make_contact("u1")
    segment = settled(make_segment(author=marketer))
    return settled(update(segment, definition=GOLD))


def test_each_version_says_what_it_was(client, segment):
    newest, first = rows(client)

    assert (newest.version.number, newest.sentence) == (2, "Tier is Gold")
    assert (first.version.number, first.sentence) == (1, "Everyone")
    assert "mia" in text(client)


def test_each_version_says_what_it_changed(client, segment):
    newest, first = rows(client)

    assert [(str(line.change), line.after) for line in newest.difference.changes] == [
        ("removed", ""),
        ("added", "Tier is Gold"),
    ]
    assert first.difference is None
    assert "The first version" in text(client)


def test_each_version_says_whom_it_moved(client, segment):
    newest, first = rows(client)

    assert (first.members_before, first.version.entered, first.version.left) == (0, 1, 0)
    assert (newest.members_before, newest.version.entered, newest.version.left) == (1, 0, 1)
    assert newest.version.members == 0
    assert "Left by it" in text(client)


def test_later_rebuilds_are_not_put_down_to_a_version(client, segment):
    make_contact("u2", attributes={"tier": "Gold"})
    update(segment, status="paused")
    settled(segment)
    settled(update(segment, status="live"))

    newest = rows(client)[0]

    assert segment.memberships.count() == 1
    assert (newest.version.members, newest.version.entered) == (0, 0)


def test_a_version_that_was_overtaken_says_so(client, segment):
    update(segment, definition=EVERYONE)
    settled(update(segment, definition=GOLD))

    assert [row.was_overtaken for row in rows(client)] == [False, True, False, False]
    assert "Never took effect" in text(client)


def test_the_version_that_the_members_follow_is_marked(client, segment):
    update(segment, definition=EVERYONE)  # still being built

    assert [row.is_live for row in rows(client)] == [False, True, False]


def test_the_same_definition_again_says_so(client, segment):
    update(segment, definition=GOLD)

    assert "The same as the version before" in text(client)


def test_names_alone_say_so(client, segment):
    update(segment, definition=GOLD | {"name": "Golden ones"})

    [line] = rows(client)[0].difference.changes
    assert line.after == "Golden ones: all of the conditions have to fit"


def test_restoring_opens_a_draft_and_shows_what_publishing_it_does(client, segment):
    response = client.post(restore(1), follow=True)

    page = response.content.decode()
    assert response.redirect_chain[-1][0] == reverse("builder_publish", args=["vips"])
    assert "Version 1 is the draft now" in page
    assert response.context["preview"].entering == 1
    assert segment.versions.count() == 2


def test_a_restored_version_is_published_like_any_other(client, segment):
    seen = client.post(restore(1), follow=True).context["opened"]
    client.post(reverse("builder_publish", args=["vips"]), {"revision": seen.revision})

    newest = rows(client)[0].version
    assert (newest.number, newest.definition) == (3, EVERYONE)
    assert newest.author.username == "mia"


def test_what_was_being_changed_comes_back_by_undoing(client, segment, marketer):
    seen = open_draft(segment=segment)
    tree = GOLD | {"name": "Half done"}
    save_step(
        segment=segment, revision=seen.revision, tree=tree, label="x", person=marketer, now=NOW
    )

    seen = client.post(restore(1), follow=True).context["opened"]

    assert seen.undo_label == "Restored version 1"
    undone = undo(segment=segment, revision=seen.revision, person=marketer, now=NOW)
    assert undone.tree["name"] == "Half done"


def test_the_newest_version_need_not_be_restored(client, segment):
    page = text(client)

    assert restore(1) in page
    assert restore(2) not in page


def test_a_version_that_says_what_the_newest_says_need_not_be_restored(client, segment):
    update(segment, definition=EVERYONE)

    page = text(client)

    assert restore(1) not in page
    assert restore(2) in page


def test_nothing_is_restored_in_the_archive(client, segment):
    update(segment, status="archived")

    assert restore(1) not in text(client)
    assert "is archived" in client.post(restore(1), follow=True).content.decode()


def test_readers_are_not_shown_how_to_restore(client, segment, reader):
    assert restore(1) not in text(client)


def test_an_unknown_version_is_a_404(client, segment):
    assert client.post(restore(3)).status_code == 404
    assert client.post(restore(10**30)).status_code == 404


@pytest.fixture
def unreadable(segment):
    """Version 2 named a field that has gone."""
    segment = settled(update(segment, definition=EVERYONE))
    delete_field(field=Field.objects.get())
    _known.clear()  # as in a process that starts after this
    return segment


def test_a_version_that_cannot_be_read_any_more_says_so(client, unreadable):
    page = text(client)

    assert "cannot be read any more" in page
    assert [row.sentence for row in rows(client)] == ["Everyone", "", "Everyone"]


def test_a_version_that_cannot_be_published_any_more_opens_and_says_why(client, unreadable):
    page = client.post(restore(2), follow=True).content.decode()

    assert "The draft cannot be published yet" in page
    assert "tier" in page
    assert unreadable.versions.count() == 3


COMPARE = reverse("version_compare", args=["vips"])


def test_any_two_versions_are_compared(client, segment):
    update(segment, definition=EVERYONE)

    newest = client.get(COMPARE).context
    chosen = client.get(COMPARE, {"from": 3, "to": 1}).context
    backwards = client.get(COMPARE, {"from": 2, "to": 1}).context

    assert (newest["old"].number, newest["new"].number) == (2, 3)
    assert chosen["difference"].is_same
    assert [line.after for line in backwards["difference"].changes] == ["", "Everyone"]


def test_a_part_is_answered_to_htmx(client, segment):
    page = client.get(COMPARE, headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith('<section id="comparison"')


@pytest.mark.parametrize("asked", ["4", "0", "x", "1" * 30, "\0", "-1"])
def test_versions_that_there_are_not_are_a_404(client, segment, asked):
    assert client.get(COMPARE, {"from": asked}).status_code == 404


def test_comparing_what_cannot_be_read_any_more_says_so(client, unreadable):
    assert "cannot be compared" in client.get(COMPARE, {"from": 2}).content.decode()


def test_many_versions_have_pages_that_leave_no_change_out(client, segment):
    for _ in range(VERSIONS_A_PAGE):
        update(segment, definition=EVERYONE)

    first, second = rows(client), rows(client, page=2)

    assert [row.version.number for row in (*first, *second)] == list(
        range(VERSIONS_A_PAGE + 2, 0, -1)
    )
    assert all(row.difference for row in first)


def test_a_segment_that_was_never_published_says_so(client, reader):
    make_segment(definition=None)

    assert "Never published" in text(client)
