"""A draft becomes the definition that members follow."""

from __future__ import annotations

import pytest

from segments import services
from segments.builder.drafts import Stale
from segments.builder.models import DraftStep
from segments.builder.tests.drafting import Drafter, city, group, tree
from segments.models import Segment
from segments.services import InvalidDefinition, Refused
from segments.tests.made import EVERYONE, NOW, make_contact, make_segment, settled

pytestmark = pytest.mark.django_db


def test_a_published_draft_has_the_right_members():
    make_contact("u1", city="Rome")
    make_contact("u2", city="Oslo")
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))

    segment = settled(mia.publish())

    assert (segment.status, segment.member_count, segment.draft) == ("live", 1, None)
    version = segment.versions.get()
    assert (version.definition, version.author) == (group(city("Rome")), mia.person)


def test_after_publishing_a_draft_begins_anew():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    before = mia.seen.revision
    mia.publish()

    shown = mia.look()

    assert (shown.tree, shown.is_changed, shown.undo_label) == (tree("Rome"), False, "")
    assert (shown.saved_at, shown.outdated_by) == (None, None)
    assert shown.revision > before
    assert not DraftStep.objects.exists()
    mia.save(tree("Rome", "Oslo"))
    assert mia.undo().tree == tree("Rome")


def test_an_incomplete_draft_is_not_published_and_stays():
    mia = Drafter(make_segment(definition=EVERYONE))
    saved = mia.save(group({"kind": "field", "field": "city"}, {"kind": "odd"}))

    with pytest.raises(InvalidDefinition) as invalid:
        mia.publish()

    assert len(invalid.value.problems) > 1
    assert mia.look() == saved
    assert mia.segment.versions.count() == 1


def test_what_is_live_already_is_not_published_again():
    mia = Drafter(make_segment(definition=EVERYONE))

    with pytest.raises(Refused, match="There is nothing to publish"):
        mia.publish()


def test_nobody_publishes_what_they_have_not_seen():
    mia = Drafter(make_segment(definition=EVERYONE))
    leo = Drafter(mia.segment, "leo")
    mia.save(tree("Rome"))

    with pytest.raises(Stale) as stale:
        leo.publish()

    assert stale.value.by == "mia"
    assert mia.segment.versions.count() == 1


def test_who_saw_the_draft_before_it_was_published_finds_out():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))
    leo = Drafter(mia.segment, "leo")
    mia.publish()

    with pytest.raises(Stale):
        leo.save(tree("Rome", "Oslo"))


def test_an_outdated_draft_may_be_published():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))
    services.update_segment(
        segment=mia.segment, definition=group(city("Oslo")), author=None, now=NOW
    )

    mia.publish()

    assert mia.segment.versions.get(number=3).definition == group(city("Rome"))
    assert mia.look().outdated_by is None


def test_what_a_program_drafted_is_published_as_it_is_shown():
    mia = Drafter(make_segment(definition=city("Rome"), status="draft"))

    assert mia.publish().versions.get().definition == group(city("Rome"))


@pytest.mark.parametrize(("waits", "versions"), [({}, 1), ({"definition": group(city("Oslo"))}, 2)])
def test_a_paused_segment_goes_on_with_what_is_shown(waits, versions):
    mia = Drafter(make_segment(definition=EVERYONE))
    services.update_segment(segment=mia.segment, status="paused", author=None, now=NOW, **waits)
    mia.look()

    mia.publish()

    segment = Segment.objects.get()
    assert (segment.status, segment.draft) == ("live", None)
    assert segment.versions.count() == versions
    assert not mia.look().is_changed
