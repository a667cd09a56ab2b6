"""Where a draft is seen, what of it is refused, and how it ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segments import services
from segments.builder import drafts
from segments.builder.drafts import Stale
from segments.builder.models import Draft, DraftStep
from segments.builder.tests.drafting import EMPTY, Drafter, city, group, tree
from segments.conditions.edit import with_ids
from segments.copying import duplicate_segment
from segments.models import Segment
from segments.services import Refused
from segments.tests.made import EVERYONE, NOW, make_segment, make_user

pytestmark = pytest.mark.django_db


def unpublished(definition=None):
    return make_segment(definition=definition, status="draft")


def stored(segment):
    return Segment.objects.get(pk=segment.pk).draft


def test_the_draft_of_an_unpublished_segment_is_seen_everywhere():
    mia = Drafter(unpublished())

    mia.save(tree("Rome"))
    assert stored(mia.segment) == group(city("Rome"))
    mia.undo()
    assert stored(mia.segment) == group()
    mia.redo()
    assert stored(mia.segment) == group(city("Rome"))


@pytest.mark.parametrize("status", ["live", "paused"])
def test_the_draft_of_a_published_segment_is_the_builders_own(status):
    segment = make_segment(definition=EVERYONE)
    services.update_segment(segment=segment, status=status, author=None, now=NOW)
    mia = Drafter(segment)

    assert mia.save(tree("Rome")).is_changed
    assert stored(segment) is None


def test_back_where_it_was_a_draft_is_not_changed():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))

    assert not mia.undo().is_changed


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ([], "wrong_type"),
        ("text", "wrong_type"),
        (city("Rome"), "not_a_group"),
        (group(city("Ro\0me")), "wrong_type"),
        (group(city("x" * 1_000_000)), "too_large"),
        (group({"kind": "x", "value": 10**500}), "number_too_long"),
    ],
)
def test_what_cannot_be_stored_is_refused(wrong, code):
    mia = Drafter(unpublished())

    with pytest.raises(Refused) as refused:
        mia.save(wrong)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert stored(mia.segment) is None


def test_a_tree_nested_without_end_is_refused():
    deep = group()
    for _ in range(100_000):
        deep = group(deep)

    with pytest.raises(Refused):
        Drafter(unpublished()).save(deep)


def test_a_node_without_an_id_gets_one():
    assert Drafter(unpublished()).save(group(city("Rome"))).tree == tree("Rome")


def test_numbers_stay_as_they_were_written():
    mia = Drafter(unpublished())
    exact = Decimal("10.50")
    mia.save(with_ids(group({"kind": "random", "percent": exact})))

    assert str(mia.look().tree["children"][0]["percent"]) == "10.50"
    assert str(stored(mia.segment)["children"][0]["percent"]) == "10.50"


def test_a_static_list_and_an_archived_segment_are_not_changed_here():
    archived = make_segment("old")
    services.update_segment(segment=archived, status="archived", author=None, now=NOW)
    person = make_user()

    for segment in (make_segment(kind="static"), archived):
        with pytest.raises(Refused):
            Drafter(segment, person=person).save(tree("Rome"))


def test_a_forgotten_draft_shows_what_is_published():
    mia = Drafter(make_segment(definition=EVERYONE))
    before = mia.save(tree("Rome")).revision

    discarded = mia.discard()

    assert discarded.tree == with_ids(EVERYONE)
    assert (discarded.is_changed, discarded.undo_label) == (False, "")
    assert (discarded.saved_at, discarded.saved_by) == (None, "")
    assert discarded.revision > before
    assert not DraftStep.objects.exists()


def test_a_forgotten_draft_of_an_unpublished_segment_is_empty():
    mia = Drafter(unpublished(group(city("Rome"))))
    mia.save(tree("Rome", "Oslo"))

    assert mia.discard().tree == EMPTY
    assert stored(mia.segment) is None
    assert mia.save(tree("Bonn")).tree == tree("Bonn")
    assert mia.undo().tree == EMPTY


def test_who_saw_a_draft_that_was_forgotten_finds_out():
    mia = Drafter(make_segment(definition=EVERYONE))
    leo = Drafter(mia.segment, "leo")
    mia.save(tree("Rome"))
    leo.look()
    mia.discard()

    with pytest.raises(Stale) as stale:
        leo.save(tree("Rome", "Oslo"))

    assert stale.value.by == "mia"
    assert stale.value.opened == mia.seen


def test_nobody_forgets_what_they_have_not_seen():
    mia = Drafter(make_segment(definition=EVERYONE))
    leo = Drafter(mia.segment, "leo")
    mia.save(tree("Rome"))

    with pytest.raises(Stale):
        leo.discard()

    drafts.discard_draft(segment=mia.segment, person=leo.person, now=NOW)
    assert not DraftStep.objects.exists()


def test_a_deleted_segment_takes_its_draft_along():
    mia = Drafter(make_segment(definition=EVERYONE))
    mia.save(tree("Rome"))

    services.delete_segment(segment=Segment.objects.get())

    assert not Draft.objects.exists()
    assert not DraftStep.objects.exists()
    with pytest.raises(Segment.DoesNotExist):
        mia.look()
    with pytest.raises(Segment.DoesNotExist):
        mia.save(tree("Oslo"))


def test_steps_outlive_whoever_made_them():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"))
    mia.person.delete()

    leo = Drafter(mia.segment, "leo")

    assert (leo.seen.tree, leo.seen.saved_by) == (tree("Rome"), "")
    assert leo.undo().tree == EMPTY


def test_a_copy_begins_a_draft_of_its_own():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"))

    copy = duplicate_segment(segment=Segment.objects.get(), author=None, now=NOW)
    other = Drafter(copy, person=mia.person)
    other.save(tree("Oslo"))

    assert other.undo().tree == tree("Rome")
    assert other.seen.undo_label == ""
    assert mia.look().tree == tree("Rome")


def test_opening_and_saving_cost_the_same_however_many_steps_there_are(
    django_assert_max_num_queries,
):
    mia = Drafter(unpublished())
    for n in range(30):
        mia.save(tree(str(n)))

    with django_assert_max_num_queries(4):
        mia.look()
    with django_assert_max_num_queries(14):
        mia.save(tree("more"))
