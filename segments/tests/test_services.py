"""Making, changing, pausing, archiving and deleting segments."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from contacts.locks import hold_fields
from segments import services
from segments.models import Membership, Segment, SegmentVersion, Transition
from segments.services import Conflict, InvalidDefinition, Refused
from segments.tests.made import (
    EVERYONE,
    GOLD,
    NOW,
    UNKNOWN_FIELD,
    in_segment,
    make_contact,
    make_field,
    make_segment,
    settled,
)

pytestmark = pytest.mark.django_db


def update(segment, **changes):
    return services.update_segment(segment=segment, author=None, now=NOW, **changes)


def paths(refused):
    return [problem.path for problem in refused.value.problems]


def test_a_definition_makes_a_live_segment():
    contact = make_contact("u1")

    segment = settled(make_segment(definition=EVERYONE))

    assert segment.status == "live"
    assert segment.member_count == 1
    assert Membership.objects.get(segment=segment).contact_id == contact.pk


def test_without_a_definition_it_is_a_draft():
    assert make_segment(definition=None).status == "draft"


def test_a_draft_may_be_incomplete():
    unfinished = {"kind": "group", "match": "all", "children": []}

    segment = make_segment(definition=unfinished, status="draft")

    assert segment.draft == unfinished
    assert not segment.versions.exists()


def test_a_static_segment_is_live_and_built_at_once():
    segment = make_segment(kind="static")

    assert (segment.status, segment.built_at) == ("live", NOW)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"key": ""}, "key"),
        ({"key": "-a"}, "key"),
        ({"key": "a b"}, "key"),
        ({"key": "a\n"}, "key"),
        ({"key": "a" * 65}, "key"),
        ({"key": "é"}, "key"),
        ({"key": "preview"}, "key"),
        ({"name": " "}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"kind": "odd"}, "kind"),
        ({"status": "paused"}, "status"),
        ({"status": "archived"}, "status"),
        ({"status": "live", "definition": None}, "definition"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_path(given, path):
    with pytest.raises(Refused) as refused:
        make_segment(**given)

    assert paths(refused) == [path]
    assert not Segment.objects.exists()


def test_a_static_segment_takes_no_definition():
    with pytest.raises(Refused) as refused:
        services.create_segment(
            key="list", name="List", kind="static", definition=EVERYONE, author=None, now=NOW
        )

    assert paths(refused) == ["definition"]


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(Refused) as refused:
        make_segment(key="", name="")

    assert paths(refused) == ["key", "name"]


def test_a_key_of_64_characters_is_fine():
    assert make_segment(key="a" * 64).pk


def test_a_key_is_given_once():
    make_segment("vips")

    with pytest.raises(Conflict, match="vips"):
        make_segment("vips")


def test_an_invalid_definition_stores_nothing():
    with pytest.raises(InvalidDefinition) as invalid:
        make_segment(definition=UNKNOWN_FIELD)

    assert invalid.value.problems[0].path == "children[0].field"
    assert not Segment.objects.exists()


@pytest.mark.parametrize("definition", ["text", 1, [], True])
def test_a_draft_that_is_no_object_is_refused(definition):
    with pytest.raises(Refused):
        make_segment(definition=definition, status="draft")


def test_a_new_definition_of_a_live_segment_is_a_new_version():
    make_field()
    make_contact("u1", attributes={"tier": "Gold"})
    make_contact("u2")
    segment = settled(make_segment(definition=EVERYONE))

    update(segment, definition=GOLD)

    assert segment.versions.count() == 2
    assert segment.member_count == 2  # the old members stay until the new ones are there
    assert settled(segment).member_count == 1


def test_a_name_alone_publishes_nothing():
    segment = make_segment()

    update(segment, name="Everybody", description="All of them")

    segment.refresh_from_db()
    assert (segment.name, segment.description) == ("Everybody", "All of them")
    assert segment.versions.count() == 1


def test_an_invalid_definition_leaves_everything_as_it_was():
    segment = make_segment()

    with pytest.raises(InvalidDefinition):
        update(segment, name="Other", definition=UNKNOWN_FIELD)

    segment.refresh_from_db()
    assert segment.name == "Vips"
    assert segment.versions.count() == 1


def test_a_draft_stays_one_when_it_is_edited():
    segment = make_segment(definition=None)

    update(segment, definition={"kind": "group"})

    segment.refresh_from_db()
    assert (segment.status, segment.draft) == ("draft", {"kind": "group"})


def test_a_draft_goes_live_with_what_it_holds():
    make_contact("u1")
    segment = make_segment(definition=EVERYONE, status="draft")

    update(segment, status="live")

    assert settled(segment).member_count == 1
    assert segment.draft is None


def test_an_incomplete_draft_cannot_go_live():
    segment = make_segment(definition={"kind": "group"}, status="draft")

    with pytest.raises(InvalidDefinition):
        update(segment, status="live")


def test_an_empty_draft_cannot_go_live():
    segment = make_segment(definition=None)

    with pytest.raises(Refused) as refused:
        update(segment, status="live")

    assert paths(refused) == ["definition"]


def test_a_live_segment_cannot_lose_its_definition():
    with pytest.raises(Refused):
        update(make_segment(), definition=None)


def test_members_of_a_paused_segment_stay_as_they_were():
    make_contact("u1")
    segment = settled(make_segment())

    update(segment, status="paused")
    make_contact("u2")

    assert settled(segment).member_count == 1


def test_a_paused_segment_catches_up_when_it_goes_live_again():
    make_contact("u1")
    segment = settled(make_segment())
    update(segment, status="paused")
    make_contact("u2")

    update(segment, status="live")

    assert settled(segment).member_count == 2
    assert segment.versions.count() == 1


def test_an_edit_of_a_paused_segment_is_published_when_it_goes_live():
    make_field()
    make_contact("u1")
    segment = settled(make_segment())
    update(segment, status="paused", definition=GOLD)

    assert settled(segment).member_count == 1
    update(segment, status="live")

    assert settled(segment).member_count == 0
    assert segment.versions.count() == 2


def test_an_edit_of_a_paused_segment_must_be_valid():
    segment = make_segment()

    with pytest.raises(InvalidDefinition):
        update(segment, status="paused", definition=UNKNOWN_FIELD)


def test_pausing_gives_up_what_is_being_built():
    segment = make_segment()

    update(segment, status="paused")

    assert settled(segment).member_count == 0
    assert segment.rebuilds.get().state == "cancelled"


@pytest.mark.parametrize("status", ["draft", "nothing"])
def test_there_is_no_way_from_live_to(status):
    with pytest.raises(Refused) as refused:
        update(make_segment(), status=status)

    assert paths(refused) == ["status"]


def test_a_draft_cannot_be_paused():
    with pytest.raises(Refused):
        update(make_segment(definition=None), status="paused")


def test_an_archived_draft_can_be_taken_up_again():
    segment = make_segment(definition=None)
    update(segment, status="archived")

    update(segment, status="draft")

    segment.refresh_from_db()
    assert segment.status == "draft"


def test_a_segment_can_refer_to_another():
    make_contact("u1")
    make_segment("all")

    segment = settled(make_segment("some", in_segment("all")))

    assert segment.member_count == 1


@pytest.mark.parametrize("status", ["live", "paused"])
def test_what_another_refers_to_cannot_be_archived_or_deleted(status):
    used = make_segment("all")
    update(make_segment("some", in_segment("all")), status=status)

    with pytest.raises(Conflict, match="“Some”"):
        update(used, status="archived")
    with pytest.raises(Conflict, match="“Some”"):
        services.delete_segment(segment=used)

    assert Segment.objects.filter(key="all", status="live").exists()


def test_a_static_segment_in_use_cannot_be_archived():
    used = make_segment("listed", kind="static")
    make_segment("some", in_segment("listed"))

    with pytest.raises(Conflict):
        update(used, status="archived")


def test_an_archived_user_holds_nobody():
    used = make_segment("all")
    user = make_segment("some", in_segment("all"))
    update(user, status="archived")

    update(used, status="archived")

    assert Segment.objects.filter(status="archived").count() == 2


@pytest.mark.parametrize("status", ["live", "paused"])
def test_what_comes_out_of_the_archive_must_still_be_valid(status):
    used = make_segment("all")
    user = make_segment("some", in_segment("all"))
    update(user, status="archived")
    update(used, status="archived")

    with pytest.raises(InvalidDefinition):
        update(user, status=status)


def test_a_segment_comes_out_of_the_archive():
    make_contact("u1")
    segment = make_segment()
    update(segment, status="archived")

    update(segment, status="live")

    assert settled(segment).member_count == 1


def test_a_segment_cannot_refer_to_itself_through_another():
    first = make_segment("first")
    make_segment("second", in_segment("first"))

    with pytest.raises(InvalidDefinition) as invalid:
        update(first, definition=in_segment("second"))

    assert invalid.value.problems[0].path == "children[0].segment"


def test_deleting_forgets_members_history_and_versions():
    make_contact("u1")
    segment = settled(make_segment())

    services.delete_segment(segment=segment)

    assert not Segment.objects.exists()
    assert not Membership.objects.exists()
    assert not SegmentVersion.objects.exists()
    assert not Transition.objects.exists()


def test_a_deleted_segment_that_is_being_built_is_given_up():
    services.delete_segment(segment=make_segment())

    settled(make_segment("other"))


@pytest.mark.django_db(transaction=True)
def test_two_publications_at_once_cannot_make_a_cycle():
    """The second waits for the first and then sees what it published."""
    first, second = make_segment("first"), make_segment("second")
    outcome = []

    def point_second_to_first():
        try:
            update(second, definition=in_segment("first"))
        except InvalidDefinition as invalid:
            outcome.append(invalid)
        finally:
            connection.close()

    other = Thread(target=point_second_to_first)
    with transaction.atomic():
        update(first, definition=in_segment("second"))
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive()
    other.join(timeout=10)

    assert len(outcome) == 1


@pytest.mark.django_db(transaction=True)
def test_a_field_cannot_go_while_a_definition_that_uses_it_is_published():
    make_field()
    published, gone = Event(), []

    def delete_field():
        published.wait(5)
        with transaction.atomic():
            hold_fields()
            gone.append(Segment.objects.filter(key="gold").exists())
        connection.close()

    other = Thread(target=delete_field)
    other.start()
    with transaction.atomic():
        make_segment("gold", GOLD)
        published.set()
        other.join(timeout=0.3)
        assert other.is_alive()
    other.join(timeout=10)

    assert gone == [True]
