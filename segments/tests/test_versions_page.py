"""The versions of a definition: what each said, what it changed, and going back to one."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.fields import delete_field
from contacts.models import Field
from segments import services
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

    assert newest.difference.added == ("Tier is Gold",)
    assert newest.difference.removed == ("Everyone",)
    assert first.difference is None
    assert "The first version" in text(client)


def test_the_version_that_the_members_follow_is_marked(client, segment):
    update(segment, definition=EVERYONE)  # still being built

    assert [row.is_live for row in rows(client)] == [False, True, False]


def test_the_same_definition_again_says_so(client, segment):
    update(segment, definition=GOLD)

    assert "The same as the version before" in text(client)


def test_names_alone_say_so(client, segment):
    update(segment, definition=GOLD | {"name": "Golden ones"})

    assert "under other names" in text(client)


def test_an_old_version_is_published_again(client, segment):
    response = client.post(restore(1), follow=True)

    assert "Version 1 was published again" in response.content.decode()
    newest = rows(client)[0].version
    assert (newest.number, newest.definition) == (3, EVERYONE)
    assert newest.author.username == "mia"


def test_an_old_version_of_a_paused_segment_waits(client, segment):
    update(segment, status="paused")

    response = client.post(restore(1), follow=True)

    assert "Version 1 waits" in response.content.decode()
    segment.refresh_from_db()
    assert (segment.status, segment.draft) == ("paused", EVERYONE)


def test_the_newest_version_need_not_be_restored(client, segment):
    page = text(client)

    assert restore(1) in page
    assert restore(2) not in page


def test_nothing_is_restored_in_the_archive(client, segment):
    update(segment, status="archived")

    assert restore(1) not in text(client)


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
    assert restore(2) not in page
    assert [row.sentence for row in rows(client)] == ["Everyone", "", "Everyone"]


def test_a_version_that_cannot_be_published_any_more_says_why(client, unreadable):
    response = client.post(restore(2), follow=True)

    page = response.content.decode()
    assert "Version 2 cannot be published any more" in page
    assert "tier" in page
    assert unreadable.versions.count() == 3


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
