"""Steps of a draft: saved one by one, undone, redone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from segments.builder.drafts import MOST_STEPS, open_draft
from segments.builder.models import Draft, DraftStep
from segments.builder.tests.drafting import EMPTY, Drafter, city, group, tree
from segments.conditions.edit import with_ids, without_ids
from segments.tests.made import EVERYONE, NOW, make_segment, make_user

pytestmark = pytest.mark.django_db


def unpublished(definition=None):
    return make_segment(definition=definition, status="draft")


def test_a_segment_that_nobody_described_is_an_empty_group():
    opened = open_draft(segment=unpublished())

    assert (opened.tree, opened.revision, opened.is_changed) == (EMPTY, 0, False)
    assert (opened.undo_label, opened.redo_label) == ("", "")
    assert (opened.saved_at, opened.saved_by, opened.outdated_by) == (None, "", None)


def test_a_published_segment_is_shown_as_it_is_published():
    opened = open_draft(segment=make_segment(definition=EVERYONE))

    assert opened.tree == with_ids(EVERYONE)
    assert not opened.is_changed


def test_looking_stores_nothing_and_shows_the_same_again():
    segment = make_segment(definition=EVERYONE)

    assert open_draft(segment=segment) == open_draft(segment=segment)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ({}, group()),
        ({"kind": "group"}, group() | {"match": None}),
        ({"kind": "group", "match": "any", "children": []}, group(match="any")),
        (city("Rome"), group(city("Rome"))),
        ({"kind": "group", "children": 5}, group({"kind": "group", "children": 5})),
        ({"a": [1]}, group({"a": [1]})),
        (group("x"), group({"kind": "x"})),
    ],
)
def test_whatever_a_program_drafted_is_shown_in_a_group(draft, shown):
    opened = open_draft(segment=unpublished(draft))

    expected = {key: value for key, value in shown.items() if value is not None}
    assert without_ids(opened.tree) == expected


def test_a_step_is_shown_from_then_on():
    mia = Drafter(unpublished())

    saved = mia.save(tree("Rome"), "Added City")

    assert (saved.tree, saved.revision) == (tree("Rome"), 1)
    assert (saved.undo_label, saved.redo_label) == ("Added City", "")
    assert (saved.saved_at, saved.saved_by, saved.is_changed) == (mia.now, "mia", True)
    assert mia.look() == saved


def test_the_full_name_is_told_when_there_is_one():
    mia = make_user(name="mia")
    mia.first_name, mia.last_name = "Mia", "Rossi"
    mia.save()

    assert Drafter(unpublished(), person=mia).save(tree("Rome")).saved_by == "Mia Rossi"


def test_steps_are_undone_and_redone_one_by_one():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"), "one")
    mia.save(tree("Rome", "Oslo"), "two")

    assert (mia.undo().tree, mia.seen.undo_label, mia.seen.redo_label) == (
        tree("Rome"),
        "one",
        "two",
    )
    assert (mia.undo().tree, mia.seen.undo_label, mia.seen.redo_label) == (EMPTY, "", "one")
    assert mia.redo().tree == tree("Rome")
    assert mia.redo().tree == tree("Rome", "Oslo")
    assert mia.seen.revision == 6


def test_with_nothing_to_undo_or_redo_all_stays_as_it_is():
    mia = Drafter(unpublished())
    before = mia.look()

    assert mia.undo() == mia.redo() == before

    saved = mia.save(tree("Rome"))
    assert mia.redo() == saved
    mia.undo()
    assert mia.seen == mia.undo()


def test_what_was_undone_is_gone_once_something_else_is_done():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"), "one")
    mia.undo()

    saved = mia.save(tree("Oslo"), "two")

    assert saved.redo_label == ""
    assert mia.redo().tree == tree("Oslo")
    assert mia.undo().tree == EMPTY


def test_a_change_that_changes_nothing_is_no_step():
    mia = Drafter(unpublished())
    saved = mia.save(tree("Rome"))

    assert mia.save(tree("Rome"), "again") == saved
    assert DraftStep.objects.count() == 2


def test_one_and_true_are_not_the_same():
    mia = Drafter(unpublished())
    mia.save(with_ids(group({"kind": "x", "value": 1})))

    mia.save(with_ids(group({"kind": "x", "value": True})))

    assert mia.look().tree["children"][0]["value"] is True


def test_typing_is_one_step():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"))
    for seconds, typed in enumerate(["O", "Os", "Osl", "Oslo"]):
        mia.now = NOW + timedelta(hours=1, seconds=9 * seconds - 60)
        mia.save(tree(typed), f"City: {typed}", merge_key="n2:value")

    assert (mia.seen.revision, mia.seen.undo_label) == (5, "City: Oslo")
    assert mia.undo().tree == tree("Rome")
    assert mia.redo().tree == tree("Oslo")


@pytest.mark.parametrize(
    ("second", "later"),
    [
        ({"merge_key": "n2:other"}, 5),
        ({"merge_key": ""}, 5),
        ({"merge_key": "n2:value"}, 11),
    ],
)
def test_another_change_or_a_pause_makes_another_step(second, later):
    mia = Drafter(unpublished())
    mia.save(tree("R"), merge_key="n2:value")
    mia.now += timedelta(seconds=later - 60)

    mia.save(tree("Ro"), **second)

    assert mia.undo().tree == tree("R")


def test_what_another_person_types_is_another_step():
    mia = Drafter(unpublished())
    mia.save(tree("R"), merge_key="n2:value")
    leo = Drafter(mia.segment, "leo")
    leo.now = mia.now - timedelta(seconds=58)

    leo.save(tree("Ro"), merge_key="n2:value")

    assert leo.undo().tree == tree("R")


def test_what_is_typed_after_an_undo_leaves_the_step_before_alone():
    mia = Drafter(unpublished())
    mia.save(tree("Rome"), merge_key="k")
    mia.save(tree("Rome", "Oslo"))
    mia.undo()
    mia.now = NOW

    mia.save(tree("Bonn"), merge_key="k")

    assert mia.undo().tree == tree("Rome")


def test_the_oldest_steps_go():
    mia = Drafter(unpublished())
    for n in range(MOST_STEPS + 5):
        mia.save(tree(str(n)))

    assert DraftStep.objects.count() == MOST_STEPS
    for _ in range(MOST_STEPS + 5):
        mia.undo()
    assert mia.seen.tree == tree("5")
    assert mia.seen.undo_label == ""
