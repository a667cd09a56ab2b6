"""Who else has the builder open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from segments import services
from segments.builder.models import Editor
from segments.builder.presence import leave, note_presence, others_here
from segments.tests.made import NOW, make_segment, make_user

pytestmark = pytest.mark.django_db


def after(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def segment():
    return make_segment(definition=None)


@pytest.fixture
def mia():
    return make_user(name="mia")


@pytest.fixture
def leo():
    leo = make_user(name="leo")
    leo.first_name, leo.last_name = "Leo", "Lind"
    leo.save()
    return leo


def test_others_see_who_is_there_by_name(segment, mia, leo):
    for person in (mia, leo):
        note_presence(segment=segment, person=person, now=NOW)

    assert others_here(segment=segment, person=mia, now=NOW) == ["Leo Lind"]
    assert others_here(segment=segment, person=leo, now=NOW) == ["mia"]
    assert others_here(segment=segment, person=make_user(), now=NOW) == ["Leo Lind", "mia"]


def test_whoever_was_not_seen_for_a_while_has_gone(segment, mia, leo):
    note_presence(segment=segment, person=leo, now=NOW)

    assert others_here(segment=segment, person=mia, now=after(20)) == ["Leo Lind"]
    assert others_here(segment=segment, person=mia, now=after(21)) == []


def test_being_seen_again_counts(segment, mia, leo):
    note_presence(segment=segment, person=leo, now=NOW)
    note_presence(segment=segment, person=leo, now=after(15))
    note_presence(segment=segment, person=leo, now=after(5))

    assert others_here(segment=segment, person=mia, now=after(30)) == ["Leo Lind"]
    assert Editor.objects.count() == 1


def test_who_leaves_has_gone_at_once(segment, mia, leo):
    note_presence(segment=segment, person=leo, now=NOW)
    leave(segment=segment, person=leo)
    leave(segment=segment, person=mia)

    assert others_here(segment=segment, person=mia, now=NOW) == []


def test_another_segment_is_another_place(segment, mia, leo):
    note_presence(segment=make_segment("other"), person=leo, now=NOW)

    assert others_here(segment=segment, person=mia, now=NOW) == []


def test_those_who_have_gone_leave_no_rows(segment, mia, leo):
    note_presence(segment=make_segment("other"), person=leo, now=NOW)
    note_presence(segment=segment, person=mia, now=after(60))

    assert [editor.user for editor in Editor.objects.all()] == [mia]


def test_a_deleted_segment_or_person_is_nowhere(segment, mia, leo):
    for person in (mia, leo):
        note_presence(segment=segment, person=person, now=NOW)

    mia.delete()
    assert Editor.objects.count() == 1
    services.delete_segment(segment=segment)
    assert not Editor.objects.exists()
