"""Two people, or two windows: the later change is refused, and told what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segments.builder.drafts import Stale
from segments.builder.opened import TOO_OLD
from segments.builder.tests.drafting import EMPTY, Drafter, city, group, tree
from segments.conditions.edit import with_ids
from segments.tests.made import EVERYONE, make_segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia():
    return Drafter(make_segment(definition=None), "mia")


@pytest.fixture
def leo(mia):
    return Drafter(mia.segment, "leo")


def refused(call, *args):
    with pytest.raises(Stale) as stale:
        call(*args)
    return stale.value


def test_the_later_change_is_refused_with_the_difference(mia, leo):
    mia.save(tree("Rome"))

    stale = refused(leo.save, tree("Oslo"))

    assert stale.by == "mia"
    assert stale.changes == ("Added: City is Rome",)
    assert stale.opened == mia.seen == leo.look()


def test_undo_and_redo_are_refused_too(mia, leo):
    mia.save(tree("Rome"))

    assert refused(leo.undo).changes == refused(leo.redo).changes == ("Added: City is Rome",)


def test_another_window_of_the_same_person_has_no_name(mia):
    window = Drafter(mia.segment, person=mia.person)
    mia.save(tree("Rome"))

    assert refused(window.save, tree("Oslo")).by == ""


def test_after_looking_again_the_change_goes_through(mia, leo):
    mia.save(tree("Rome"))
    leo.look()

    assert leo.save(tree("Rome", "Oslo")).saved_by == "leo"


def test_it_is_told_who_undid_what_another_one_made(mia, leo):
    mia.save(tree("Rome"))
    late = Drafter(mia.segment, "ada")
    leo.look()
    leo.undo()

    stale = refused(late.save, tree("Oslo"))

    assert (stale.by, stale.changes) == ("leo", ("Removed: City is Rome",))
    assert mia.look().saved_by == "leo"


def test_nothing_may_differ_although_much_was_done(mia, leo):
    mia.save(tree("Rome"))
    mia.undo()

    stale = refused(leo.save, tree("Oslo"))

    assert (stale.changes, stale.opened.tree) == ((), EMPTY)


def test_what_was_seen_before_steps_were_dropped_cannot_be_compared(mia, leo):
    mia.save(tree("Rome"))
    leo.look()
    mia.undo()
    mia.save(tree("Oslo"))

    assert refused(leo.save, tree("Bonn")).changes == (TOO_OLD,)


@pytest.mark.parametrize("revision", [-1, 2, 10**30])
def test_a_forged_revision_is_refused(mia, revision):
    mia.save(tree("Rome"))
    mia.seen = replace(mia.seen, revision=revision)

    assert refused(mia.save, tree("Oslo")).changes == (TOO_OLD,)


def test_whatever_was_done_is_told_in_words():
    nested = group(city("Bonn"), match="any", name="Towns")
    mia = Drafter(make_segment(definition=group(city("Rome"), city("Oslo"), nested)))
    leo = Drafter(mia.segment, "leo")
    root, rome, oslo, towns, bonn = (f"n{n}" for n in range(1, 6))
    after = group(
        group(
            {"id": bonn, **city("Bonn")},
            {"id": rome, **city("Rome")},
            id=towns,
            match="none",
            name="Places",
        ),
        {"id": oslo, **city("Paris")},
        {"id": "n9", "kind": "field", "field": "tier"},
        id=root,
        match="any",
    )

    mia.save(after)

    assert refused(leo.save, EMPTY).changes == (
        "The outermost group now matches any",
        "Moved: Subsegment “Places”",
        "Subsegment “Places” now matches none",
        "Subsegment “Towns” is now named “Places”",
        "Moved: City is Rome",
        "Changed: City is Oslo → City is Paris",
        "Added: tier (not complete)",
    )


def test_the_first_change_of_a_published_segment_is_refused_too():
    mia = Drafter(make_segment(definition=EVERYONE))
    leo = Drafter(mia.segment, "leo")
    mia.save(with_ids(group()))

    assert refused(leo.save, EMPTY).changes == ("Removed: Everyone",)
