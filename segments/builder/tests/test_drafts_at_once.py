"""Requests at the same moment, with a connection each: one of them wins, and none is lost."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from events.tests.test_concurrency import at_once
from segments import services
from segments.builder import drafts
from segments.builder.drafts import Opened, Stale, open_draft
from segments.builder.models import Draft, DraftStep, Editor
from segments.builder.presence import note_presence, others_here
from segments.builder.tests.drafting import tree
from segments.models import Segment
from segments.services import Refused
from segments.tests.made import EVERYONE, NOW, make_segment, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def attempt(verb, **given):
    try:
        return verb(now=NOW, **given)
    except (Stale, Refused, Segment.DoesNotExist) as said:
        return said


@pytest.mark.parametrize("status", ["draft", "live"])
@pytest.mark.parametrize("begun", [False, True])
def test_of_many_changes_to_the_same_revision_one_wins(status, begun):
    segment, person = make_segment(definition=EVERYONE, status=status), make_user()
    save = partial(attempt, drafts.save_step, segment=segment, person=person, label="Added City")
    if begun:
        save(tree=tree("Bonn"), revision=open_draft(segment=segment).revision)
    seen = open_draft(segment=segment)

    answers = at_once(
        [partial(save, tree=tree(f"City {n}"), revision=seen.revision) for n in range(16)]
    )

    won = [answer for answer in answers if isinstance(answer, Opened)]
    assert won == [open_draft(segment=segment)]
    assert all(isinstance(answer, Stale) for answer in answers if answer not in won)
    assert DraftStep.objects.count() == 3 if begun else 2


def test_everybody_who_looks_again_gets_through():
    segment = make_segment(definition=None)
    people = [make_user(name=f"user{n}") for n in range(8)]

    def insist(person):
        while True:
            seen = open_draft(segment=segment)
            names = [node["value"] for node in seen.tree["children"]]
            answer = attempt(
                drafts.save_step,
                segment=segment,
                revision=seen.revision,
                person=person,
                tree=tree(*names, person.username),
                label="Added City",
            )
            if isinstance(answer, Opened):
                return

    at_once([partial(insist, person) for person in people])

    shown = open_draft(segment=segment).tree
    assert sorted(node["value"] for node in shown["children"]) == [f"user{n}" for n in range(8)]
    assert Segment.objects.get().draft is not None


def test_a_draft_is_published_once_however_many_ask():
    segment, person = make_segment(definition=EVERYONE), make_user()
    revision = open_draft(segment=segment).revision
    given = {"segment": segment, "person": person}
    saved = attempt(
        drafts.save_step, **given, revision=revision, tree=tree("Rome"), label="Added City"
    )

    answers = at_once(
        [partial(attempt, drafts.publish_draft, **given, revision=saved.revision)] * 8
    )

    assert sum(isinstance(answer, Segment) for answer in answers) == 1
    assert segment.versions.count() == 2


def test_a_program_that_publishes_meanwhile_is_not_overwritten_by_a_draft():
    for n in range(6):
        segment, person = make_segment(f"s{n}", definition=None), make_user(name=f"user{n}")
        services.update_segment(segment=segment, definition=EVERYONE, author=None, now=NOW)
        revision = open_draft(segment=segment).revision
        given = {"segment": segment, "person": person, "label": "Added City"}
        at_once(
            [
                partial(attempt, drafts.save_step, **given, revision=revision, tree=tree("Rome")),
                partial(
                    services.update_segment, segment=segment, status="live", author=None, now=NOW
                ),
            ]
        )

        segment.refresh_from_db()
        assert (segment.status, segment.draft) == ("live", None)


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("status", ["draft", "live"])
def test_a_segment_that_is_deleted_meanwhile_leaves_nothing(begun, status):
    person = make_user()
    for n in range(6):
        segment = make_segment(f"s{n}", definition=EVERYONE, status=status)
        given = {"segment": segment, "person": person, "label": "Added City"}
        save = partial(attempt, drafts.save_step, **given)
        if begun:
            save(revision=open_draft(segment=segment).revision, tree=tree("Rome"))
        revision = open_draft(segment=segment).revision

        saves = [partial(save, revision=revision, tree=tree(f"City {m}")) for m in range(4)]
        delete = partial(services.delete_segment, segment=Segment.objects.get(pk=segment.pk))
        at_once([*saves[:n], delete, *saves[n:]])

    assert not Segment.objects.exists()
    assert not Draft.objects.exists()
    assert not DraftStep.objects.exists()


def test_looking_waits_for_nobody():
    segment, person = make_segment(definition=EVERYONE), make_user()

    with transaction.atomic():
        saved = drafts.save_step(
            segment=segment,
            revision=open_draft(segment=segment).revision,
            tree=tree("Rome"),
            label="Added City",
            person=person,
            now=NOW,
        )
        (meanwhile,) = at_once([partial(open_draft, segment=segment)])

    assert meanwhile.revision < saved.revision
    assert not meanwhile.is_changed


def test_many_who_are_there_at_once_do_not_block_each_other():
    segment = make_segment(definition=None)
    people = [make_user(name=f"user{n}") for n in range(8)]

    at_once([partial(note_presence, segment=segment, person=p, now=NOW) for p in people * 8])

    assert Editor.objects.count() == 8
    assert others_here(segment=segment, person=people[0], now=NOW) == [
        f"user{n}" for n in range(1, 8)
    ]
