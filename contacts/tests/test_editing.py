"""A value is changed where it stands, and never over what somebody else stored meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.consents import consents_of, set_consents
from contacts.decisions import Decision
from contacts.erasure import erase_contacts
from contacts.fields import update_field
from contacts.merging import merge_contacts
from contacts.models import Consent, Contact, Identity, PendingMark
from contacts.tests.made import HTMX, NOW, make_contact, make_field, queries_of
from segmentflow.workspace import update_workspace

pytestmark = pytest.mark.django_db

TYPES = ("text", "number", "boolean", "date", "datetime", "list")


@pytest.fixture
def anna():
    for type_ in TYPES:
        make_field(f"a_{type_}", type_)
    return make_contact(
        "crm-1",
        email="anna@b.c",
        city="Oslo",
        first_name="Anna",
        a_number=Decimal("0.10"),
        a_boolean=False,
        a_date="1990-05-17",
        a_datetime="2026-03-31T07:00:00Z",
        a_list=["shoes", "hats"],
    )


def name_of(key):
    return f"attributes.{key}" if key.startswith("a_") else key


def address(contact, key):
    return reverse("contact_value", args=[contact.pk, name_of(key)])


def opened(client, contact, key):
    """What the control sends when nothing was typed."""
    response = client.get(address(contact, key))
    assert response.status_code == 200
    name = name_of(key)
    form = response.context["form"]
    shown = form[name].value() or ""
    return {name: shown, f"initial-{name}": response.context["shown"]}


def typed(client, contact, key, text, sent=None):
    sent = sent or opened(client, contact, key)
    return client.post(address(contact, key), sent | {name_of(key): text}, headers=HTMX)


def attributes(contact):
    return Contact.objects.get(pk=contact.pk).attributes


@pytest.mark.parametrize(
    ("key", "text", "stored"),
    [
        ("a_text", "new", "new"),
        ("a_number", "12.5", 12.5),
        ("a_boolean", "true", True),
        ("a_date", "2000-01-02", "2000-01-02"),
        ("a_datetime", "2026-03-31T10:30", "2026-03-31T10:30:00Z"),
        ("a_list", "one\r\ntwo", ["one", "two"]),
    ],
)
def test_a_value_of_each_type_is_saved_and_shown_again(client, boss, anna, key, text, stored):
    PendingMark.objects.all().delete()

    response = typed(client, anna, key, text)

    assert response.status_code == 200
    assert attributes(anna)[key] == stored
    assert "<html" not in response.content.decode()
    assert "in-place" in response.content.decode()
    assert list(PendingMark.objects.values_list("kind", "ref")) == [(PendingMark.Kind.FIELD, key)]


@pytest.mark.parametrize("key", ["a_number", "a_boolean", "a_date", "a_datetime", "a_list"])
def test_an_emptied_value_is_removed(client, boss, anna, key):
    assert typed(client, anna, key, "").status_code == 200

    assert key not in attributes(anna)


@pytest.mark.parametrize("key", ["city", *(f"a_{type_}" for type_ in TYPES)])
def test_saving_what_was_shown_changes_nothing(client, boss, anna, key):
    before = attributes(anna)
    PendingMark.objects.all().delete()

    sent = opened(client, anna, key)
    response = client.post(address(anna, key), sent, headers=HTMX)

    assert response.status_code == 200
    assert attributes(anna) == before
    assert not PendingMark.objects.exists()


def test_a_time_is_shown_and_typed_in_the_zone_of_the_workspace(client, boss, anna):
    update_workspace(time_zone="Europe/Warsaw")
    assert opened(client, anna, "a_datetime")["attributes.a_datetime"] == "2026-03-31T09:00"

    typed(client, anna, "a_datetime", "2026-01-01T09:00")

    assert attributes(anna)["a_datetime"] == "2026-01-01T08:00:00Z"


@pytest.mark.parametrize(
    ("stored", "shown", "as_browsers_send"),
    [
        ("2026-03-31", "2026-03-31T00:00", "2026-03-31T00:00"),
        ("2026-03-31T07:00:30.5Z", "2026-03-31T07:00:30.5", "2026-03-31T07:00:30.500"),
        ("2026-03-31T07:00:10Z", "2026-03-31T07:00:10", "2026-03-31T07:00:10"),
        ("2026-03-31T07:00:00.123456Z", "2026-03-31T07:00:00.123", "2026-03-31T07:00:00.123"),
        ("2026-03-31 09:00", "2026-03-31T09:00", "2026-03-31T09:00"),
    ],
)
def test_a_time_that_was_not_touched_stays_as_exact_as_it_was(
    client, boss, stored, shown, as_browsers_send
):
    make_field("a_datetime", "datetime")
    contact = make_contact(a_datetime=stored)

    sent = opened(client, contact, "a_datetime")
    assert sent["attributes.a_datetime"] == shown
    typed(client, contact, "a_datetime", as_browsers_send, sent)

    assert attributes(contact) == {"a_datetime": stored}


def test_choices_of_a_list_are_ticked_and_others_stay(client, boss):
    make_field("a_list", "list", choices=["Books", "Toys"])
    contact = make_contact(a_list=["Toys", "Odd"])
    page = client.get(address(contact, "a_list"), headers=HTMX).content.decode()
    assert page.count("checkbox") == 3
    assert page.count(" checked") == 2

    sent = {"initial-attributes.a_list": "Toys\nOdd", "attributes.a_list": ["Toys", "Odd", "Books"]}
    client.post(address(contact, "a_list"), sent, headers=HTMX)
    assert attributes(contact)["a_list"] == ["Toys", "Odd", "Books"]

    client.post(
        address(contact, "a_list"), {"initial-attributes.a_list": "Toys\nOdd\nBooks"}, headers=HTMX
    )
    assert attributes(contact) == {}


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("a_number", "many", "a number is wanted"),
        ("a_date", "17 May", "is no date"),
        ("a_datetime", "soon", "is no time"),
        ("a_boolean", "perhaps", "Select a valid choice"),
        ("email", "x" * 256, "at most 255"),
        ("city", "a\0b", "Null characters"),
    ],
)
def test_what_is_wrong_stands_at_the_control_with_what_was_typed(
    client, boss, anna, key, text, said
):
    before = attributes(anna)

    response = typed(client, anna, key, text)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert text[:10] in response.content.decode()
    assert attributes(anna) == before


@pytest.mark.parametrize("key", ["email", "phone", "external_id"])
def test_an_identity_of_somebody_else_leads_to_them_and_to_merging(client, boss, anna, key):
    other = make_contact("u2", **({} if key == "external_id" else {key: "other@b.c"}))
    taken = getattr(other, key)

    response = typed(client, anna, key, taken.upper() if key == "email" else taken)

    page = response.content.decode()
    assert response.status_code == 422
    assert "belongs to another contact" in page
    assert reverse("contact_detail", args=[other.pk]) in page
    assert reverse("contact_merge_with", args=[anna.pk, other.pk]) in page


def test_what_somebody_else_stored_meanwhile_is_not_overwritten(client, boss, anna):
    sent = opened(client, anna, "city")
    make_contact("crm-1", city="Bergen")

    response = typed(client, anna, "city", "Rome", sent)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Bergen" in page
    assert "Rome" in page
    assert "Save mine" in page
    assert Contact.objects.get(pk=anna.pk).city == "Bergen"


def test_whoever_has_seen_what_is_stored_may_replace_it(client, boss, anna):
    sent = opened(client, anna, "city")
    make_contact("crm-1", city="Bergen")
    refused = typed(client, anna, "city", "Rome", sent)
    assert 'name="initial-city" type="hidden" value="Bergen"' in refused.content.decode()

    response = typed(client, anna, "city", "Rome", sent | {"initial-city": "Bergen"})

    assert response.status_code == 200
    assert Contact.objects.get(pk=anna.pk).city == "Rome"


def test_two_who_type_the_same_do_not_quarrel(client, boss, anna):
    sent = opened(client, anna, "city")
    make_contact("crm-1", city="Rome")

    assert typed(client, anna, "city", "Rome", sent).status_code == 200


def test_a_change_of_another_field_is_no_quarrel(client, boss, anna):
    sent = opened(client, anna, "city")
    make_contact("crm-1", first_name="Anne", a_number=7)

    assert typed(client, anna, "city", "Rome", sent).status_code == 200
    assert Contact.objects.get(pk=anna.pk).first_name == "Anne"


def test_the_heading_follows_a_name(client, boss, anna):
    page = typed(client, anna, "first_name", "Berta").content.decode()

    assert '<span id="contact-name" hx-swap-oob="true">Berta</span>' in page


def test_cancelling_shows_the_value_again(client, boss, anna):
    response = client.get(f"{address(anna, 'city')}?shown=1", headers=HTMX)

    assert "Oslo" in response.content.decode()
    assert "<form" not in response.content.decode()


def test_without_scripts_the_control_is_a_page_of_its_own(client, boss, anna):
    page = client.get(address(anna, "city")).content.decode()
    assert "<html" in page
    assert 'name="city"' in page

    response = client.post(address(anna, "city"), {"initial-city": "Oslo", "city": "Rome"})

    assert response.headers["Location"] == reverse("contact_detail", args=[anna.pk])
    assert Contact.objects.get(pk=anna.pk).city == "Rome"


def test_the_profile_leads_to_the_edit_page_where_there_are_no_scripts(client, boss, anna):
    page = client.get(reverse("contact_detail", args=[anna.pk])).content.decode()

    assert f'href="{reverse("contact_edit", args=[anna.pk])}#id_attributes.a_number"' in page


def test_unknown_and_archived_fields_cannot_be_edited(client, boss, anna):
    field = make_field("a_gone")
    make_contact("crm-1", a_gone="x")
    update_field(field=field, raw={"archived": True}, now=NOW)

    for name in ("a_gone", "a_odd", "id", "pk"):
        assert client.get(address(anna, name), headers=HTMX).status_code == 404
        assert client.post(address(anna, name), {}, headers=HTMX).status_code == 404


def test_a_contact_that_is_gone_cannot_be_edited(client, boss, anna):
    erase_contacts(contact_ids=[anna.pk])

    assert client.post(address(anna, "city"), {"city": "Rome"}, headers=HTMX).status_code == 404


def test_marketers_see_values_without_a_way_to_edit_them(client, marketer, anna):
    page = client.get(reverse("contact_detail", args=[anna.pk])).content.decode()

    assert "in-place" not in page
    assert "/values/" not in page
    assert "/consents/" not in page
    assert client.post(address(anna, "city"), {"city": "Rome"}).status_code == 403


def test_more_fields_cost_no_more_queries(client, boss, anna):
    few = queries_of(lambda: typed(client, anna, "city", "Rome"))
    for number in range(10):
        make_field(f"f{number}")

    assert queries_of(lambda: typed(client, anna, "city", "Oslo")) == few


# Consents


def consent_address(contact, channel="email"):
    return reverse("contact_consent", args=[contact.pk, channel])


def record(client, contact, channel="email", shown="never", **sent):
    return client.post(consent_address(contact, channel), sent | {"shown": shown}, headers=HTMX)


def test_a_consent_is_recorded_with_who_did_it_and_how_they_know(client, boss, anna):
    boss.first_name, boss.last_name = "Berta", "Berg"
    boss.save()

    response = record(client, anna, state="subscribed", note="by phone")

    held = consents_of([anna.pk])[anna.pk]["email"]
    assert response.status_code == 200
    assert (held.subscribed, held.source) == (True, "Berta Berg: by phone")
    assert "Subscribed" in response.content.decode()


def test_a_consent_can_be_recorded_with_the_day_it_was_given(client, boss, anna):
    update_workspace(time_zone="Europe/Warsaw")

    record(client, anna, state="unsubscribed", at="2026-01-01T09:00")

    held = consents_of([anna.pk])[anna.pk]["email"]
    assert held.at.isoformat() == "2026-01-01T08:00:00+00:00"


def test_a_decision_that_arrived_meanwhile_has_to_be_looked_at_first(client, boss, anna):
    told = Decision("email", subscribed=False, source="Unsubscribe event", at=NOW)
    set_consents(decisions=[(anna.pk, told)], now=NOW)

    response = record(client, anna, state="subscribed")

    page = response.content.decode()
    assert response.status_code == 422
    assert "Look at it first" in page
    assert "Unsubscribe event" in page
    assert Consent.objects.count() == 1
    again = record(client, anna, shown=NOW.isoformat(), state="subscribed")
    assert again.status_code == 200
    assert consents_of([anna.pk])[anna.pk]["email"].subscribed


@pytest.mark.parametrize(
    "sent", [{}, {"state": "maybe"}, {"state": "subscribed", "at": "soon"}, {"note": "x" * 200}]
)
def test_what_is_no_consent_is_refused(client, boss, anna, sent):
    assert record(client, anna, **sent).status_code == 422
    assert not Consent.objects.exists()


def test_there_is_no_other_channel(client, boss, anna):
    assert client.get(consent_address(anna, "fax")).status_code == 404


def test_a_consent_without_scripts_is_a_page_of_its_own(client, boss, anna):
    assert "<html" in client.get(consent_address(anna)).content.decode()

    response = client.post(consent_address(anna), {"state": "subscribed", "shown": "never"})

    assert response.headers["Location"] == reverse("contact_detail", args=[anna.pk])


def test_the_profile_shows_consents_and_their_history(client, marketer, anna):
    for number in range(25):
        told = Decision(
            "sms", subscribed=number % 2 == 0, source=f"Form {number}", at=NOW - timedelta(number)
        )
        set_consents(decisions=[(anna.pk, told)], now=NOW)

    page = client.get(reverse("contact_detail", args=[anna.pk])).content.decode()

    assert "Never asked" in page
    assert "Form 0" in page
    assert "25 decisions" in page
    assert "All of them in the timeline" in page


# Names


def removal(contact):
    return reverse("contact_name_remove", args=[contact.pk])


@pytest.fixture
def merged(anna):
    """Anna, who was somebody else, too."""
    other = make_contact("old & odd", email="old@b.c")
    merge_contacts(keep=anna.pk, lose=other.pk, now=NOW)
    return anna


def test_other_names_are_listed_with_a_way_to_remove_them(client, boss, merged):
    page = client.get(reverse("contact_detail", args=[merged.pk])).content.decode()

    assert "Also known as" in page
    assert f"{removal(merged)}?kind=external_id&amp;value=old%20%26%20odd" in page


def test_a_name_is_removed_after_a_question(client, boss, merged):
    sent = {"kind": "email", "value": "old@b.c"}
    page = client.get(removal(merged), sent).content.decode()
    assert "old@b.c" in page

    client.post(removal(merged), sent)

    assert not Identity.objects.filter(value="old@b.c").exists()
    assert Identity.objects.filter(contact=merged).count() == 3


@pytest.mark.parametrize(
    "sent", [{"kind": "email", "value": "no@b.c"}, {"kind": "odd", "value": "old@b.c"}, {}]
)
def test_what_is_no_name_of_the_contact_is_a_404(client, boss, merged, sent):
    assert client.get(removal(merged), sent).status_code == 404
    assert client.post(removal(merged), sent).status_code == 404


def test_a_main_name_is_changed_at_its_field_and_not_removed(client, boss, anna):
    client.post(removal(anna), {"kind": "email", "value": "anna@b.c"})

    assert Identity.objects.filter(value="anna@b.c").exists()
