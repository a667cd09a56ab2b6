"""The pages of event types."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.usage import Use
from events.models import EventType, IngestProblem
from events.tasks import tend_stored
from events.tests.made import make_event, make_type, record

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("event_type_list"), reverse("event_type_new")


def detail(event_type: EventType) -> str:
    return reverse("event_type_detail", args=[event_type.pk])


def names(response) -> list[str]:
    return [row.type.key for row in response.context["rows"]]


@pytest.fixture
def used(monkeypatch):
    """Purchases are used by a segment, as the app of segments would answer."""
    found = {"Purchase": [Use("Buyers", "/segments/buyers")]}
    monkeypatch.setattr("contacts.usage._answerers", [lambda kind, keys: found])


def filled(**values) -> dict[str, str]:
    return {"label": "", "description": "", "value_attribute": ""} | values


def test_the_list_counts_what_is_stored(client, reader):
    now = timezone.now()
    for number, day in enumerate((0, 0, 1, 29, 30)):
        record(f"m{number}", at=now - timedelta(days=day), now=now)
    record("opened", type_="MailOpen", now=now - timedelta(hours=2))

    bought = next(r for r in client.get(LIST).context["rows"] if r.type.key == "Purchase")

    assert bought.total == 5
    assert (bought.days[-1], bought.days[-2], bought.days[0]) == (2, 1, 1)
    assert bought.words == "4 in 30 days"
    assert bought.last == now


def test_the_list_leads_to_the_events_and_to_who_uses_them(client, reader, used):
    record()
    type_ = make_type()

    html = client.get(LIST).content.decode()

    assert f'href="/events?type={type_.pk}"' in html
    assert f'href="/events/types/{type_.pk}#used-by">1</a>' in html


def test_a_type_without_events_was_never_received(client, reader):
    make_type()

    assert "never</span>" in client.get(LIST).content.decode()


def test_the_list_is_searched_by_key_label_and_description(client, reader):
    make_type("Purchase")
    make_type("mail_open", label="Mail opened")
    make_type("x1", description="When mail bounces")

    assert names(client.get(LIST, {"q": "MAIL"})) == ["mail_open", "x1"]
    assert names(client.get(LIST, {"q": "%"})) == []


def test_archived_types_are_apart(client, reader):
    make_type("Purchase")
    make_type("Old", archived_at=timezone.now())

    assert names(client.get(LIST)) == ["Purchase"]
    assert names(client.get(LIST, {"state": "archived"})) == ["Old"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["a", "b", "c"]),
        ("-name", ["c", "b", "a"]),
        ("total", ["a", "b", "c"]),
        ("-total", ["c", "b", "a"]),
        ("-last", ["b", "c", "a"]),
        ("nonsense", ["a", "b", "c"]),
    ],
)
def test_the_list_is_sorted(client, reader, sort, order):
    now = timezone.now()
    make_type("a")
    record("m1", type_="b", now=now)
    record("m2", type_="c", now=now - timedelta(hours=1))
    record("m3", type_="c", now=now - timedelta(hours=1))

    assert names(client.get(LIST, {"sort": sort})) == order


def test_many_types_are_paged(client, reader):
    for number in range(60):
        make_type(f"T{number:02}")

    assert names(client.get(LIST, {"page": 2})) == [f"T{number}" for number in range(50, 60)]


def test_an_empty_list_says_how_types_appear(client, reader):
    assert "appears by itself" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("asked", "days"), [("", 30), ("90", 90), ("365", 365), ("7", 30), ("x", 30)]
)
def test_the_volume_has_every_day_of_the_range(client, reader, asked, days):
    now = timezone.now()
    record("m1", at=now, now=now)
    record("m2", at=now - timedelta(days=80), now=now)

    volume = client.get(detail(make_type()), {"days": asked}).context["volume"]

    assert len(volume) == days
    assert volume[-1][1] == 1
    assert sum(amount for _, amount in volume) == (2 if days > 80 else 1)


def test_the_page_shows_what_the_type_carries(client, reader, used):
    record(amount=12.5, category="shoes", product={"sku": "x-1"})
    type_ = make_type()

    response = client.get(detail(type_))

    found = {row.path: (row.types, row.values) for row in response.context["attributes"]}
    assert found["amount"] == (["number"], [("12.5", 0)])
    assert found["product.sku"] == (["text"], [("x-1", 0)])
    html = response.content.decode()
    assert '<a href="/segments/buyers">Buyers</a>' in html


def test_the_most_frequent_values_of_the_newest_events_come_first(client, reader):
    for number, category in enumerate(("shoes", "hats", "shoes", "shoes")):
        record(f"m{number}", category=category)

    response = client.get(detail(make_type()))

    [row] = response.context["attributes"]
    assert row.values == [("shoes", 75), ("hats", 0)]


def test_a_value_attribute_that_is_often_no_number_is_warned_of(client, reader):
    for number, amount in enumerate((1, "n/a", "2", None)):
        record(f"m{number}", amount=amount)
    EventType.objects.update(value_attribute="amount")

    html = client.get(detail(make_type())).content.decode()

    assert "Only 50 % of the newest 4 events have a number there." in html


def test_the_page_shows_how_far_values_have_been_copied(client, admin):
    for number in range(3):
        record(f"m{number}", amount=number)
    type_ = make_type()
    client.post(detail(type_), filled(value_attribute="amount"))

    html = client.get(detail(type_)).content.decode()
    assert "Copying amounts" in html
    assert "0 of 3" in html
    tend_stored()

    part = client.get(detail(type_), headers={"HX-Request": "true"}).content.decode()
    assert "Copying" not in part
    assert 'id="filling"' in part


def test_refused_types_are_listed_and_registered_with_a_button(client, admin, settings):
    settings.EVENT_TYPES_STRICT = True
    for number in range(3):
        record(f"m{number}", type_='New "one" <b>')
    make_type("Known")

    html = client.get(LIST).content.decode()
    assert "New &quot;one&quot; &lt;b&gt;</b>" in html
    assert "3 events refused" in html
    response = client.post(NEW, {"key": 'New "one" <b>'})

    assert response.status_code == 302
    assert not IngestProblem.objects.exists()
    record("again", type_='New "one" <b>')
    assert "refused, the last" not in client.get(LIST).content.decode()
    assert EventType.objects.filter(key='New "one" <b>', events__message_id="again").exists()


def test_those_who_may_not_register_types_see_no_button(client, reader, settings):
    settings.EVENT_TYPES_STRICT = True
    record(type_="New")

    html = client.get(LIST).content.decode()

    assert "1 event refused" in html
    assert "Register this type" not in html


def test_the_page_shows_the_latest_events_of_the_type_alone(client, reader):
    make_event("bought")
    make_event("opened", type_="MailOpen")

    response = client.get(detail(make_type()))

    assert [event.entry.message_id for event in response.context["events"]] == ["bought"]


def test_two_hundred_attributes_are_shown(client, reader):
    attributes: dict = {f"a{number:03}": "x" * 500 for number in range(200)}
    record(**attributes)

    response = client.get(detail(make_type()))

    assert len(response.context["attributes"]) == 200


def test_an_admin_describes_a_type(client, admin):
    record(amount=1, category="shoes")
    type_ = make_type()

    response = client.post(
        detail(type_),
        filled(label="Bought", description="Paid.", value_attribute="amount", archived="on"),
    )

    assert response.headers["Location"] == detail(type_)
    type_.refresh_from_db()
    assert (str(type_), type_.description, type_.value_attribute) == ("Bought", "Paid.", "amount")
    assert type_.archived_at
    assert not type_.value_is_filled
    client.post(detail(type_), filled(label="Bought"))
    again = EventType.objects.get()
    assert (again.archived_at, again.value_attribute) == (None, "")


def test_only_attributes_that_held_a_number_can_be_the_value(client, admin):
    record("m1", amount=1, category="shoes", mixed="a")
    record("m2", mixed=2)
    type_ = make_type()
    EventType.objects.update(value_attribute="chosen before")

    response = client.get(detail(type_))

    choices = response.context["form"].fields["value_attribute"].choices
    assert [value for value, _ in choices] == ["", "amount", "chosen before", "mixed"]
    assert client.post(detail(type_), filled(value_attribute="category")).status_code == 422
    type_.refresh_from_db()
    assert type_.value_attribute == "chosen before"


def test_what_is_wrong_is_said_beside_the_field(client, admin):
    type_ = make_type()

    response = client.post(detail(type_), filled(label="x" * 101))

    assert response.status_code == 422
    assert "Nothing was saved" in response.content.decode()
    assert f"<title>{type_.key} ·" in response.content.decode()


def test_readers_see_no_form(client, reader):
    html = client.get(detail(make_type())).content.decode()

    assert '<h2 id="edit-title"' not in html


def test_an_admin_registers_a_type(client, admin):
    response = client.post(NEW, filled(key=" Page visit ", value_attribute="order.total"))

    type_ = EventType.objects.get()
    assert (type_.key, type_.value_attribute) == (" Page visit ", "order.total")
    assert response.headers["Location"] == detail(type_)


@pytest.mark.parametrize("key", ["", "x" * 101, "a\0b", "Purchase"])
def test_a_key_that_is_none_or_taken_is_refused(client, admin, key):
    make_type()

    response = client.post(NEW, filled(key=key))

    assert response.status_code == 422
    assert response.context["form"].errors["key"]
    assert EventType.objects.count() == 1
