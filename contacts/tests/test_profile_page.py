"""The page about one contact: what is known, changing it, erasing it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.erasure import erase_contacts
from contacts.fields import update_field
from contacts.models import Contact, Field, Identity, PendingMark
from contacts.showing import additional, contact_with_values
from contacts.tests.made import HTMX, NOW, make_contact, make_field, queries_of

pytestmark = pytest.mark.django_db

TYPES = ("text", "number", "boolean", "date", "datetime", "list")


def detail(contact):
    return reverse("contact_detail", args=[contact.pk])


def edit(contact):
    return reverse("contact_edit", args=[contact.pk])


def erase(contact):
    return reverse("contact_erase", args=[contact.pk])


@pytest.fixture
def fields():
    for type_ in TYPES:
        make_field(f"a_{type_}", type_, label=f"A {type_}")


@pytest.fixture
def anna(fields):
    return make_contact(
        "crm-1",
        email="Anna@b.c",
        first_name="Anna",
        city="Oslo",
        a_text="two\nlines",
        a_number=Decimal("0.10"),
        a_boolean=False,
        a_date="1990-05-17",
        a_datetime="2026-03-31T09:00:00+02:00",
        a_list=["shoes", "hats"],
    )


def filled(client, contact):
    """The form as a browser sends it when nothing was typed."""
    form = client.get(edit(contact)).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    return shown | {f"initial-{name}": text for name, text in shown.items()}


def changed(client, contact, **values):
    sent = filled(client, contact) | {
        key if hasattr(contact, key) else f"attributes.{key}": value
        for key, value in values.items()
    }
    return client.post(edit(contact), sent)


def stored(contact):
    found = contact_with_values(contact.pk)
    assert found is not None
    return found


def attributes(contact):
    return stored(contact).attributes


def test_the_page_says_what_is_known(client, marketer, anna):
    page = client.get(detail(anna)).content.decode()

    for said in ("Anna@b.c", "crm-1", "Oslo", "0.10", "17 May 1990", "31 March 2026", "hats"):
        assert said in page
    for said in ("A boolean", "External ID", "Preferred channel", "Not set"):
        assert said in page


def test_values_are_shown_by_their_type(anna):
    shown = [(value.kind, str(value.value)) for value in additional(stored(anna))]

    assert shown == [
        ("text", "two\nlines"),
        ("number", "0.10"),
        ("boolean", "False"),
        ("date", "1990-05-17"),
        ("datetime", "2026-03-31 07:00:00+00:00"),
        ("list", "['shoes', 'hats']"),
    ]


def test_what_has_no_value_is_not_set(fields):
    contact = make_contact(a_text="", a_list=[])

    assert {value.kind for value in additional(stored(contact))} == {""}


def test_a_time_may_be_a_day_or_have_no_zone(fields):
    day, wall = (
        make_contact("u1", a_datetime="2026-03-31"),
        make_contact("u2", a_datetime="2026-03-31 09:00"),
    )

    kinds = [
        value.kind for contact in (day, wall) for value in additional(stored(contact)) if value.kind
    ]

    assert kinds == ["date", "datetime"]


def test_an_archived_field_is_shown_where_it_has_a_value(client, marketer):
    make_field("old", label="Old one")
    having, lacking = make_contact("u1", old="x"), make_contact("u2")
    make_field("other", label="Other one", archived=True)
    update_field(field=Field.objects.get(key="old"), raw={"archived": True}, now=NOW)

    assert b"Old one" in client.get(detail(having)).content
    assert b"Old one" not in client.get(detail(lacking)).content
    assert b"Other one" not in client.get(detail(having)).content


def test_only_admins_are_offered_to_change_anything(client, marketer, anna):
    page = client.get(detail(anna)).content.decode()

    assert edit(anna) not in page
    assert erase(anna) not in page


def test_admins_are_offered_to_change_everything(client, boss, anna):
    page = client.get(detail(anna)).content.decode()

    assert edit(anna) in page
    assert erase(anna) in page


def test_htmx_gets_the_part_alone(client, marketer, anna):
    whole = client.get(detail(anna))
    part = client.get(detail(anna), headers=HTMX | {"HX-Target": "details"})

    assert b"<html" in whole.content
    assert b'id="details"' in part.content
    assert b"<html" not in part.content
    for response in (whole, part):
        assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))


def test_a_part_that_nobody_has_is_the_details(client, marketer, anna):
    part = client.get(detail(anna), headers=HTMX | {"HX-Target": "odd"})

    assert b'id="details"' in part.content


def test_values_are_shown_as_text(client, marketer, fields):
    contact = make_contact(first_name="<script>alert(1)", a_text="<b>", a_list=["<i>"])

    page = client.get(detail(contact)).content

    assert b"<script>alert" not in page
    assert b"<b>" not in page
    assert b"<i>" not in page


@pytest.mark.parametrize("address", [detail, edit])
def test_twice_as_many_fields_cost_the_same(client, boss, address):
    contact = make_contact()
    for number in range(5):
        make_field(f"f{number}")
    few = queries_of(lambda: client.get(address(contact)))
    for number in range(5, 15):
        make_field(f"f{number}")

    assert queries_of(lambda: client.get(address(contact))) == few <= 19


def test_what_was_changed_is_saved(client, boss, anna):
    PendingMark.objects.all().delete()

    response = changed(
        client,
        anna,
        city="Bergen",
        a_text="new",
        a_number="12.50",
        a_boolean="true",
        a_date="2000-01-02",
        a_datetime="2027-01-01T00:00:00Z",
        a_list="one\r\n\r\ntwo\r\n",
    )

    anna.refresh_from_db()
    assert response.headers["Location"] == detail(anna)
    assert anna.city == "Bergen"
    assert attributes(anna) == {
        "a_text": "new",
        "a_number": Decimal("12.50"),
        "a_boolean": True,
        "a_date": "2000-01-02",
        "a_datetime": "2027-01-01T00:00:00Z",
        "a_list": ["one", "two"],
    }
    assert PendingMark.objects.filter(kind=PendingMark.Kind.FIELD).count() == 7


def test_what_was_not_changed_stays_as_it_is(client, boss, anna):
    before = attributes(anna)
    PendingMark.objects.all().delete()

    sent = {name: text.replace("\n", "\r\n") for name, text in filled(client, anna).items()}
    response = client.post(edit(anna), sent)

    assert response.status_code == 302
    assert attributes(anna) == before
    assert not PendingMark.objects.exists()


def test_what_others_store_meanwhile_is_not_taken_back(client, boss, anna):
    sent = filled(client, anna)
    make_contact("crm-1", city="Bergen", a_number=7)

    client.post(edit(anna), sent | {"first_name": "Anne"})

    anna.refresh_from_db()
    assert (anna.first_name, anna.city, attributes(anna)["a_number"]) == ("Anne", "Bergen", 7)


def test_the_form_sends_along_what_it_showed(client, boss, anna):
    page = client.get(edit(anna)).content.decode()

    assert '<input name="initial-city" type="hidden" value="Oslo">' in page
    assert '<input name="initial-attributes.a_number" type="hidden" value="0.10">' in page


def test_an_emptied_value_is_removed(client, boss, anna):
    changed(client, anna, city="", **dict.fromkeys((f"a_{type_}" for type_ in TYPES), ""))

    anna.refresh_from_db()
    assert anna.city == ""
    assert attributes(anna) == {}


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("a_number", "many", "a number is wanted"),
        ("a_number", "NaN", "a number is wanted"),
        ("a_number", "1e999999999", "a number is wanted"),
        ("a_number", "9" * 200, "at most 130 digits"),
        ("a_date", "17 May", "is no date"),
        ("a_datetime", "soon", "is no time"),
        ("a_text", "x" * 10_001, "at most 10,000 characters"),
        ("email", "x" * 256, "at most 255 characters"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client, boss, anna, key, text, said):
    response = changed(client, anna, city="Bergen", **{key: text})

    anna.refresh_from_db()
    name = key if key == "email" else f"attributes.{key}"
    assert response.status_code == 422
    assert said in response.context["form"].errors[name][0]
    assert anna.city == "Oslo"


def test_an_identity_of_somebody_else_is_refused(client, boss, anna):
    make_contact("u2", email="ola@b.c")

    response = changed(client, anna, email="OLA@b.c")

    assert response.context["form"].errors["email"] == ["This email belongs to another contact."]


def test_a_value_that_is_not_among_the_choices_can_stay(client, boss):
    make_field("tier", choices=["Gold", "Silver"])
    contact = make_contact(tier="Bronze")

    response = changed(client, contact, first_name="Anna")

    assert response.status_code == 302
    assert attributes(contact) == {"tier": "Bronze"}


def test_a_key_of_any_length_can_be_edited(client, boss):
    make_field("k" * 64, "number")
    contact = make_contact()

    response = client.post(edit(contact), filled(client, contact) | {f"attributes.{'k' * 64}": "x"})

    assert response.status_code == 422
    assert "a number is wanted" in str(response.context["form"].errors)


def test_erasing_is_asked_about(client, boss, anna):
    page = client.get(erase(anna)).content.decode()

    assert "Erase Anna" in page
    assert "cannot be undone" in page
    assert Contact.objects.filter(pk=anna.pk).exists()


def test_a_contact_is_erased(client, boss, anna):
    response = client.post(erase(anna), follow=True)

    assert response.redirect_chain == [(reverse("contact_list"), 302)]
    assert b"was erased" in response.content
    assert not Contact.objects.exists()
    assert not Identity.objects.exists()


def test_a_contact_that_is_gone_is_a_404(client, boss, anna):
    erase_contacts(contact_ids=[anna.pk])

    assert client.post(erase(anna)).status_code == 404
    assert client.post(edit(anna), {}).status_code == 404


@pytest.mark.parametrize("address", [detail, edit, erase])
def test_an_unknown_contact_is_a_404(client, boss, address):
    for number in (4711, 2**63, 10**30):
        assert client.get(address(Contact(pk=number))).status_code == 404


@pytest.mark.parametrize("address", [detail, edit, erase])
def test_a_page_needs_someone_signed_in(client, anna, address):
    response = client.get(address(anna))

    assert response.headers["Location"] == f"{reverse('login')}?next={address(anna)}"
    client.post(address(anna))
    assert Contact.objects.filter(pk=anna.pk).exists()


def test_a_page_needs_a_role(client, sign_in_as, anna):
    sign_in_as("")

    assert client.get(detail(anna)).status_code == 403


@pytest.mark.parametrize("address", [edit, erase])
def test_marketers_change_nothing(client, marketer, anna, address):
    assert client.get(address(anna)).status_code == 403
    assert client.post(address(anna)).status_code == 403
    assert Contact.objects.filter(pk=anna.pk).exists()


@pytest.mark.parametrize(("address", "method"), [(detail, "post"), (edit, "put"), (erase, "put")])
def test_other_methods_are_refused(client, boss, anna, address, method):
    assert getattr(client, method)(address(anna)).status_code == 405
