"""Copies of segments, old versions published again, and the way out of the archive."""

from __future__ import annotations

import pytest

from contacts.fields import delete_field
from segments import services
from segments.copying import duplicate_segment, restore_version
from segments.services import InvalidDefinition, Refused
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    make_contact,
    make_field,
    make_segment,
    make_user,
    settled,
)

pytestmark = pytest.mark.django_db


def duplicated(segment, author=None):
    return duplicate_segment(segment=segment, author=author, now=NOW)


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


def restored(segment, number):
    version = segment.versions.get(number=number)
    return restore_version(version=version, author=None, now=NOW)


def test_a_copy_is_a_draft_with_the_same_definition():
    user = make_user()
    segment = settled(make_segment(description="Best", tags=["a"]))

    copy = duplicated(segment, author=user)

    assert (copy.key, copy.name, copy.status) == ("vips-copy", "Vips (copy)", "draft")
    assert (copy.draft, copy.description, copy.tags) == (EVERYONE, "Best", ["a"])
    assert copy.owner == user
    assert not copy.versions.exists()


def test_a_copy_of_a_draft_has_what_was_drafted():
    unfinished = {"kind": "group"}

    assert duplicated(make_segment(definition=unfinished, status="draft")).draft == unfinished


def test_copies_of_copies_are_numbered():
    segment = make_segment()

    copies = [duplicated(segment), duplicated(segment)]
    copies.append(duplicated(copies[1]))

    assert [copy.key for copy in copies] == ["vips-copy", "vips-copy-2", "vips-copy-3"]
    assert [copy.name for copy in copies] == ["Vips (copy)", "Vips (copy 2)", "Vips (copy 3)"]


def test_the_longest_name_and_key_are_shortened_for_a_copy():
    copy = duplicated(make_segment("k" * 64, name="n" * 100))

    assert copy.key == "k" * 59 + "-copy"
    assert copy.name == "n" * 93 + " (copy)"


def test_a_static_list_is_not_copied():
    with pytest.raises(Refused):
        duplicated(make_segment(kind="static"))


def test_an_old_version_is_published_again_as_a_new_one():
    make_field()
    make_contact("u1")
    segment = settled(make_segment(definition=EVERYONE))
    settled(update(segment, definition=GOLD))

    segment = settled(restored(segment, 1))

    assert segment.live_version.number == 3
    assert segment.live_version.definition == EVERYONE
    assert segment.member_count == 1


def test_an_old_version_of_a_paused_segment_waits_as_its_draft():
    make_field()
    segment = settled(make_segment(definition=EVERYONE))
    settled(update(segment, definition=GOLD))
    update(segment, status="paused")

    segment = restored(segment, 1)

    assert (segment.status, segment.draft) == ("paused", EVERYONE)
    assert segment.versions.count() == 2


def test_a_version_whose_field_has_gone_is_not_published_again():
    field = make_field()
    segment = settled(make_segment(definition=GOLD))
    settled(update(segment, definition=EVERYONE))
    delete_field(field=field)

    with pytest.raises(InvalidDefinition):
        restored(segment, 1)


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        ({}, "paused", "live"),
        ({"kind": "static"}, "live", "live"),
        ({"status": "draft"}, "draft", "draft"),
    ],
)
def test_out_of_the_archive_a_segment_goes_on(given, before, after):
    segment = update(settled(make_segment(**given)), status=before)
    segment = update(segment, status="archived")

    assert services.restore_segment(segment=segment, author=None, now=NOW).status == after


def test_out_of_the_archive_no_draft_is_published():
    segment = settled(make_segment())
    segment = update(segment, status="paused", definition=EVERYONE)
    segment = update(segment, status="archived")

    segment = services.restore_segment(segment=segment, author=None, now=NOW)

    assert (segment.status, segment.draft) == ("paused", EVERYONE)
