"""The catalog and the labels, read from the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contacts.models import Field
from events.models import EventType
from segments.catalog import current_catalog, current_labels
from segments.conditions.catalog import EventTypeInfo, FieldInfo
from segments.conditions.nodes import FieldType
from segments.models import Segment, SegmentVersion
from segments.tests.language import EVERYONE, definition, problems, segment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def publish(key: str, *definitions: object) -> Segment:
    """A segment with its versions, none of them live yet."""
    published = Segment.objects.create(key=key, name=key.upper(), status="live")
    for number, given in enumerate(definitions, 1):
        SegmentVersion.objects.create(segment=published, number=number, definition=given)
    return published


def go_live(published: Segment, number: int) -> None:
    published.live_version = published.versions.get(number=number)
    published.save()


def test_fields_and_event_types_come_with_type_label_and_archive():
    Field.objects.create(key="tier", label="Status VIP", type="text")
    Field.objects.create(key="old", label="Old", type="list", archived_at=NOW)
    EventType.objects.create(key="Purchase", label="Order")
    EventType.objects.create(key="Gone", archived_at=NOW)

    catalog = current_catalog()

    assert catalog.fields == {
        "tier": FieldInfo(FieldType.TEXT, is_archived=False, label="Status VIP"),
        "old": FieldInfo(FieldType.LIST, is_archived=True, label="Old"),
    }
    assert catalog.event_types == {
        "Purchase": EventTypeInfo(is_archived=False, label="Order"),
        "Gone": EventTypeInfo(is_archived=True),
    }
    assert catalog.field("email") == FieldInfo(FieldType.TEXT)
    assert catalog.field("created_at") == FieldInfo(FieldType.DATETIME)
    assert catalog.field("nothing") is None


def test_segments_come_with_kind_archive_and_whether_they_mean_anything():
    publish("live", definition(EVERYONE))
    Segment.objects.create(key="draft", name="Draft", draft=definition(EVERYONE))
    Segment.objects.create(key="list", name="List", kind="static", status="live")
    Segment.objects.create(key="gone", name="Gone", status="archived")

    segments = current_catalog().segments

    assert segments["live"].has_definition
    assert segments["live"].label == "LIVE"
    assert not segments["draft"].has_definition
    assert segments["list"].is_static
    assert segments["gone"].is_archived


def test_a_cycle_is_found_whether_it_is_live_or_being_built():
    everyone, leads_back = definition(EVERYONE), definition(segment("a"))
    go_live(publish("being-built", everyone, leads_back), 1)
    go_live(publish("still-live", leads_back, everyone), 1)
    go_live(publish("long-ago", leads_back, everyone, everyone), 2)
    catalog = current_catalog(own_key="a")

    assert problems(definition(segment("being-built")), catalog) == [
        ("children[0].segment", "cycle")
    ]
    assert problems(definition(segment("still-live")), catalog) == [
        ("children[0].segment", "cycle")
    ]
    assert problems(definition(segment("long-ago")), catalog) == []


def test_the_catalog_is_in_the_zone_of_the_workspace(settings):
    settings.TIME_ZONE = "Europe/Warsaw"

    assert current_catalog().zone.key == "Europe/Warsaw"
    assert current_labels().zone.key == "Europe/Warsaw"


def test_who_loads_stored_definitions_takes_what_was_archived_since():
    EventType.objects.create(key="Gone", archived_at=NOW)
    given = definition({"kind": "event", "event": "Gone"})

    assert problems(given, current_catalog()) == [("children[0].event", "archived_event_type")]
    assert problems(given, current_catalog(allow_archived=True)) == []


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(
    django_assert_max_num_queries,
):
    for number in range(20):
        publish(f"s{number}", definition(segment(f"s{number + 1}")))
        Field.objects.create(key=f"f{number}", label="F", type="text")

    with django_assert_max_num_queries(5):
        current_catalog()


def test_labels_fall_back_to_keys():
    Field.objects.create(key="tier", label="Status VIP", type="text")
    EventType.objects.create(key="Purchase")
    Segment.objects.create(key="vip", name="VIP customers")

    labels = current_labels()

    assert labels.field("tier") == "Status VIP"
    assert labels.field("first_name") == "First name"
    assert labels.event_type("Purchase") == "Purchase"
    assert labels.segment("vip") == "VIP customers"
    assert labels.segment("gone") == "gone"
