"""Definitions that are changed by the API, the administration or an old version meanwhile."""

from __future__ import annotations

import pytest

from segments import services
from segments.builder.drafts import Stale
from segments.builder.models import DraftStep
from segments.builder.state import OUTSIDE
from segments.builder.tests.drafting import EMPTY, Drafter, city, group, tree
from segments.conditions.edit import with_ids, without_ids
from segments.copying import restore_version
from segments.models import Segment
from segments.tests.made import EVERYONE, NOW, make_segment

pytestmark = pytest.mark.django_db


def update(drafter, **changes):
    return services.update_segment(segment=drafter.segment, author=None, now=NOW, **changes)


def test_a_draft_sent_by_a_program_is_shown_at_once_and_can_be_undone():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    update(mia, definition=group(city("Rome"), city("Oslo")))

    shown = mia.look()
    assert (shown.tree, shown.undo_label, shown.redo_label) == (tree("Rome", "Oslo"), OUTSIDE, "")
    assert DraftStep.objects.count() == 2

    mia.save(tree("Rome", "Oslo", "Bonn"))
    assert mia.undo().tree == tree("Rome", "Oslo")
    assert mia.seen.undo_label == OUTSIDE
    assert mia.undo().tree == tree("Rome")
    assert mia.undo().tree == EMPTY


def test_undo_takes_back_what_a_program_sent():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    update(mia, definition=group(city("Oslo")))
    mia.look()

    assert mia.undo().tree == tree("Rome")
    assert mia.seen.redo_label == OUTSIDE
    assert Segment.objects.get().draft == group(city("Rome"))
    assert without_ids(mia.redo().tree) == group(city("Oslo"))


def test_what_was_undone_cannot_be_redone_over_what_a_program_sent():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    mia.undo()
    update(mia, definition=group(city("Oslo")))

    assert mia.look().redo_label == ""
    assert mia.redo() == mia.look()


def test_whoever_did_not_see_what_a_program_sent_is_refused():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    update(mia, definition=group(city("Rome"), city("Oslo")))

    with pytest.raises(Stale) as stale:
        mia.save(tree("Bonn"))

    assert stale.value.by == "Somebody outside the builder"
    assert stale.value.changes == ("Added: City is Oslo",)
    assert stale.value.opened == mia.look()


@pytest.mark.parametrize("status", ["draft", "live"])
def test_so_is_whoever_changes_a_segment_for_the_first_time(status):
    mia = Drafter(make_segment(definition=EVERYONE, status=status))
    update(mia, definition=group(city("Oslo")))

    with pytest.raises(Stale):
        mia.save(with_ids(group({"kind": "everyone"}, city("Rome"))))

    mia.look()
    assert mia.save(tree("Oslo", "Rome")).tree == tree("Oslo", "Rome")
    assert mia.seen.outdated_by is None


def test_a_draft_taken_away_by_a_program_is_empty():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))
    before = mia.seen.revision
    update(mia, definition=None)

    assert (mia.look().tree, mia.seen.undo_label) == (EMPTY, OUTSIDE)
    assert mia.seen.revision > before


def test_nodes_that_a_program_left_alone_keep_their_ids():
    mia = Drafter(make_segment(definition=None))
    rome, oslo = {"id": "n7", **city("Rome")}, {"id": "n5", **city("Oslo")}
    mia.save(group(rome, oslo, id="n1"))
    update(mia, definition=group(city("Bonn"), city("Oslo"), city("Rome")))

    assert [node["id"] for node in mia.look().tree["children"]] == ["n8", "n5", "n7"]


def test_the_draft_of_a_live_segment_stays_when_another_version_is_published():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))
    update(mia, definition=group(city("Oslo")))

    assert (mia.look().tree, mia.seen.outdated_by) == (tree("Rome"), 2)
    assert mia.save(tree("Rome", "Bonn")).outdated_by == 2
    assert mia.seen.is_changed
    discarded = mia.discard()
    assert (discarded.tree, discarded.outdated_by) == (tree("Oslo"), None)


def test_a_draft_in_which_nothing_was_changed_follows_what_is_published():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))
    mia.undo()
    update(mia, definition=group(city("Oslo")))

    assert without_ids(mia.look().tree) == group(city("Oslo"))
    assert (mia.seen.outdated_by, mia.seen.is_changed) == (None, False)
    assert without_ids(mia.undo().tree) == EVERYONE


def test_an_old_version_published_again_outdates_the_draft():
    mia = Drafter(make_segment(definition=EVERYONE))
    update(mia, definition=group(city("Oslo")))
    mia.look()
    mia.save(tree("Rome"))

    restore_version(version=mia.segment.versions.get(number=1), author=None, now=NOW)

    assert (mia.look().tree, mia.seen.outdated_by) == (tree("Rome"), 3)


def test_what_the_builder_made_and_a_program_published_is_not_outdated():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))

    update(mia, status="live")

    assert (mia.look().tree, mia.seen.outdated_by) == (tree("Rome"), None)
    assert not mia.seen.is_changed


def test_what_the_builder_made_stays_when_a_program_publishes_something_else():
    mia = Drafter(make_segment(definition=None))
    mia.save(tree("Rome"))

    update(mia, definition=EVERYONE, status="live")

    assert (mia.look().tree, mia.seen.outdated_by) == (tree("Rome"), 1)


def test_a_definition_that_waits_for_a_paused_segment_is_shown():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))
    update(mia, status="paused", definition=group(city("Oslo")))

    assert (mia.look().tree, mia.seen.undo_label) == (tree("Oslo"), OUTSIDE)
    assert mia.seen.is_changed

    mia.save(tree("Oslo", "Bonn"))
    assert Segment.objects.get().draft == group(city("Oslo"))
    assert mia.discard().tree == tree("Oslo")


def test_a_draft_goes_on_when_its_segment_is_paused_or_resumed():
    mia = Drafter(make_segment(definition=EVERYONE))
    saved = mia.save(tree("Rome"))

    for status in ("paused", "live"):
        update(mia, status=status)
        shown = mia.look()
        assert (shown.tree, shown.revision, shown.outdated_by) == (saved.tree, saved.revision, None)


def test_what_waited_and_was_published_does_not_outdate_the_draft():
    mia = Drafter(make_segment(definition=EVERYONE))
    update(mia, status="paused", definition=group(city("Oslo")))
    mia.look()
    mia.save(tree("Oslo", "Bonn"))

    update(mia, status="live")

    assert (mia.look().tree, mia.seen.outdated_by) == (tree("Oslo", "Bonn"), None)
    assert mia.seen.is_changed
