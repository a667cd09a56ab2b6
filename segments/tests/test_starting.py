"""Drafts from templates: what is there, what is made, and that nothing is made by halves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from contacts.models import Field
from contacts.problems import Conflict
from events.models import EventType
from segments.models import Segment
from segments.starting.beginning import begin_draft, begin_from_template
from segments.starting.finding import Existing, State, definition_with
from segments.starting.gallery import BY_KEY
from segments.starting.template import Named
from segments.tests.made import NOW, make_field

pytestmark = pytest.mark.django_db

VIPS = BY_KEY["inactive-vips"]
STATUS, VALUE, PURCHASE = (need.named for need in VIPS.needs)


def begin(template=VIPS, creating=(), name="Inactive VIPs"):
    return begin_from_template(
        template=template, name=name, description="", creating=creating, author=None, now=NOW
    )


def states(template=VIPS):
    return {one.need.named.key: one.state for one in Existing().look_for(template)}


def test_a_template_needs_fields_and_event_types():
    assert [need.named for need in VIPS.needs] == [
        Named("field", "Status_VIP"),
        Named("field", "Purchase_value_12m"),
        Named("event", "Purchase"),
    ]


def test_what_is_read_of_events_is_told():
    needs = {need.named.key: need.attributes for need in BY_KEY["last-minute-travel"].needs}

    assert needs == {"Page_visit": ("Destination",), "MailOpen": ("topic",), "Booking": ()}
    [spent] = BY_KEY["big-spenders"].needs
    assert spent.attributes == ("amount",)


def test_what_every_contact_has_is_not_needed():
    assert BY_KEY["new-this-week"].needs == ()


def test_what_is_missing_is_made_as_described():
    begun = begin(creating=[STATUS, VALUE, PURCHASE])

    status = Field.objects.get(key="Status_VIP")
    assert (status.type, status.label) == ("text", "VIP status")
    assert status.choices == ["Platinum", "Gold", "Silver"]
    assert EventType.objects.get(key="Purchase").value_attribute == "amount"
    assert begun.created == ("VIP status", "Purchase value in 12 months", "Purchase")
    assert (begun.segment.status, begun.segment.draft) == ("draft", VIPS.definition)
    assert set(states().values()) == {State.HERE}


def test_only_what_is_asked_for_is_made():
    begun = begin(creating=[VALUE])

    assert [*Field.objects.values_list("key", flat=True)] == ["Purchase_value_12m"]
    assert not EventType.objects.exists()
    assert begun.segment.draft == VIPS.definition


def test_what_is_there_is_taken_as_it_is():
    make_field("Status_VIP")

    begun = begin(creating=[STATUS, VALUE])

    assert Field.objects.get(key="Status_VIP").label == "Status_vip"
    assert begun.created == ("Purchase value in 12 months",)


def test_beginning_twice_makes_two_drafts_and_each_field_once():
    keys = [begin(creating=[STATUS, VALUE, PURCHASE]).segment.key for _ in range(2)]

    assert keys == ["inactive-vips", "inactive-vips-2"]
    assert (Field.objects.count(), EventType.objects.count()) == (2, 1)


@pytest.mark.parametrize("key", ["status_vip", "StatusVIP", "STATUS_VIP_"])
def test_a_field_whose_key_is_written_alike_is_taken(key):
    make_field(key)

    begun = begin(creating=[STATUS])

    assert begun.created == ()
    assert begun.segment.draft["children"][0]["field"] == key
    assert states()["Status_VIP"] == State.ALIKE


@pytest.mark.parametrize("key", ["mail_open", "Mail open", "mail-open"])
def test_an_event_type_whose_key_is_written_alike_is_taken(key):
    template = BY_KEY["most-engaged"]
    EventType.objects.create(key=key)

    definition = definition_with(template, Existing().look_for(template))

    assert states(template)["MailOpen"] == State.ALIKE
    assert definition["children"][0]["event"] == key


def test_keys_within_sequences_are_taken_as_well():
    template = BY_KEY["abandoned-cart"]
    EventType.objects.create(key="purchase")

    steps = begin(template).segment.draft["children"][0]["steps"]

    assert [step["event"] for step in steps] == ["Cart_add", "purchase"]
    assert template.definition["children"][0]["steps"][1]["event"] == "Purchase"


def test_the_very_key_comes_before_those_written_alike():
    make_field("STATUS_VIP")
    make_field("Status_VIP")

    assert states()["Status_VIP"] == State.HERE


@pytest.mark.parametrize("type_", ["number", "list"])
def test_what_is_written_alike_and_of_another_type_is_left_alone(type_):
    make_field("status_vip", type_)

    assert states()["Status_VIP"] == State.MISSING
    assert begin(creating=[STATUS]).created == ("VIP status",)


def test_a_field_of_another_type_is_in_the_way():
    make_field("Status_VIP", "number")

    [found, *_] = Existing().look_for(VIPS)

    assert found.state == State.OTHER_TYPE
    assert (found.type_label, found.wanted_type_label) == ("Number", "Text")


def test_one_written_alike_helps_where_the_very_key_is_of_another_type():
    make_field("Status_VIP", "number")
    make_field("status_vip")

    assert states()["Status_VIP"] == State.ALIKE


def test_an_archived_one_is_in_the_way():
    make_field("Status_VIP")
    Field.objects.update(archived_at=NOW)
    EventType.objects.create(key="Purchase", archived_at=NOW)

    assert [*states().values()] == [State.ARCHIVED, State.MISSING, State.ARCHIVED]


def test_one_begins_with_something_in_the_way_as_long_as_it_is_not_to_be_made():
    make_field("Status_VIP", "number")

    assert begin(creating=[VALUE]).segment.draft == VIPS.definition


def test_nothing_is_stored_by_halves():
    EventType.objects.create(key="Purchase", archived_at=NOW)

    with pytest.raises(Conflict, match="Nothing was created"):
        begin(creating=[STATUS, VALUE, PURCHASE])

    assert not Field.objects.exists()
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    "name", ["<b>VIPs</b>", "日本", "'; DROP TABLE x; --", "x" * 100, "preview"]
)
def test_any_name_makes_a_key(name):
    for _ in range(2):
        assert begin_draft(name=name, description="", author=None, now=NOW).name == name


@pytest.mark.django_db(transaction=True)
def test_two_people_begin_the_same_at_once():
    together = Barrier(2)

    def begin_with_another():
        together.wait(timeout=10)
        try:
            return begin(creating=[STATUS, VALUE, PURCHASE])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        begun = [one.result(30) for one in [pool.submit(begin_with_another) for _ in range(2)]]

    assert sorted(one.segment.key for one in begun) == ["inactive-vips", "inactive-vips-2"]
    assert sorted(len(one.created) for one in begun) == [0, 3]
