"""The pages of fields: listed, defined, changed, moved, deleted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from contacts import filled as amounts
from contacts import usage
from contacts.built_in import CREATED_AT, SHOWN
from contacts.fields import move_field, update_field
from contacts.models import Contact, Field
from contacts.problems import Refused
from contacts.rows import BUILT_IN
from contacts.tests.made import HTMX, NOW, make_contact, make_field, queries_of
from contacts.usage import Use

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("field_list"), reverse("field_new")
EDIT, DELETE, MOVE = (
    reverse(f"field_{name}", kwargs={"key": "tier"}) for name in ("edit", "delete", "move")
)


@pytest.fixture
def tier():
    return make_field("tier", label="Tier", choices=["Gold", "Silver"], description="How loyal")


@pytest.fixture
def used(monkeypatch):
    uses = {"tier": [Use("Golden ones", "/golden")], "email": [Use("Mailable", "/mailable")]}
    monkeypatch.setattr(usage, "_answerers", [lambda kind, keys: uses])


def filled(**values):
    return {"label": "", "key": "age", "type": "number", "description": "", "choices": ""} | values


def keys():
    return list(Field.objects.values_list("key", flat=True))


def test_a_row_says_what_a_field_is(client, boss, tier, used):
    make_field("old", archived=True)

    page = client.get(LIST).content.decode()

    for said in ("Tier", "<code>tier</code>", "How loyal", "Archived", EDIT, DELETE):
        assert said in page
    assert '<a class="chip" href="/golden">Golden ones</a>' in page


def test_built_in_fields_are_told_apart(client, marketer, used):
    page = client.get(LIST).content.decode()

    assert page.count("Built-in</span>") == len(SHOWN) + 1
    assert '<a class="chip" href="/mailable">Mailable</a>' in page


def test_every_built_in_field_is_shown():
    assert tuple(field.key for field in SHOWN) == BUILT_IN
    assert CREATED_AT.key not in BUILT_IN


def test_marketers_see_fields_and_change_none(client, marketer, tier):
    page = client.get(LIST).content.decode()

    assert "Tier" in page
    assert not any(address in page for address in (NEW, EDIT, DELETE, MOVE))


def test_an_empty_list_shows_an_example(client, boss):
    page = client.get(LIST).content

    assert b"No additional fields yet" in page
    assert b"Birthday" in page
    assert b"Define the first field" in page


def test_a_field_is_defined(client, boss):
    sent = filled(label="Age", description="In years", choices="18\r\n\r\n 20.50 \r\n")

    response = client.post(NEW, sent, follow=True)

    field = Field.objects.get()
    assert response.redirect_chain == [(LIST, 302)]
    assert "“Age” can now be sent" in response.content.decode()
    assert (field.key, field.type, field.label, field.description) == (
        "age",
        "number",
        "Age",
        "In years",
    )
    assert field.choices == [18, Decimal("20.50")]


def test_a_label_is_the_key_when_there_is_none(client, boss):
    client.post(NEW, filled())

    assert Field.objects.get().label == "age"


@pytest.mark.parametrize(
    ("sent", "name", "said"),
    [
        ({"key": ""}, "key", "required"),
        ({"key": "1st"}, "key", "A key is a letter"),
        ({"key": "email"}, "key", "is a built-in field"),
        ({"key": "tier"}, "key", "There is a field “tier” already"),
        ({"type": "colour"}, "type", "valid choice"),
        ({"label": "x" * 101}, "label", "at most 100"),
        ({"choices": "1\nmany"}, "choices", "Value 2: Here a number is wanted"),
        ({"choices": "NaN"}, "choices", "Value 1: A number has"),
        ({"choices": "1\n" * 1_001}, "choices", "at most 1,000 choices"),
        ({"type": "date", "choices": "May"}, "choices", "is no date"),
        ({"type": "boolean", "choices": "yes\nperhaps"}, "choices", "Value 2: Here true"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(client, boss, tier, sent, name, said):
    response = client.post(NEW, filled(**sent))

    assert response.status_code == 422
    assert said in response.context["form"].errors[name][0]
    assert keys() == ["tier"]


def test_the_form_shows_what_is_stored(client, boss, tier, used):
    response = client.get(EDIT)

    form = response.context["form"]
    assert form["label"].value() == "Tier"
    assert form["choices"].value() == "Gold\nSilver"
    assert b"Golden ones" in response.content


def test_a_field_is_changed_and_archived(client, boss, tier):
    sent = {"label": "Level", "description": "", "choices": "Gold", "archived": "on"}

    response = client.post(EDIT, sent)

    tier.refresh_from_db()
    assert response.headers["Location"] == LIST
    assert (tier.label, tier.description, tier.choices) == ("Level", "", ["Gold"])
    assert tier.archived_at is not None


def test_a_field_comes_back_from_the_archive(client, boss):
    field = make_field("tier", archived=True)

    client.post(EDIT, {"label": "Tier"})

    field.refresh_from_db()
    assert field.archived_at is None


def test_what_is_wrong_with_a_change_is_said(client, boss, tier):
    response = client.post(EDIT, {"label": "x" * 101, "choices": "Bronze"})

    tier.refresh_from_db()
    assert response.status_code == 422
    assert tier.choices == ["Gold", "Silver"]


def test_numbers_are_offered_as_they_were_written(client, boss):
    field = make_field("tier", "number", choices=[Decimal("0.10"), 2])
    shown = client.get(EDIT).context["form"]["choices"].value()

    client.post(EDIT, {"choices": shown})

    field.refresh_from_db()
    assert shown == "0.10\n2"
    assert field.choices == [Decimal("0.10"), 2]


def test_a_field_named_like_a_page_can_be_edited(client, boss):
    make_field("new", label="Newcomer")
    address = reverse("field_edit", kwargs={"key": "new"})

    assert address != NEW
    assert address in client.get(LIST).content.decode()
    assert client.get(address).context["form"]["label"].value() == "Newcomer"


@pytest.mark.parametrize(
    ("key", "direction", "order"),
    [
        ("b", "up", ["b", "a", "c"]),
        ("b", "down", ["a", "c", "b"]),
        ("a", "up", ["a", "b", "c"]),
        ("c", "down", ["a", "b", "c"]),
        ("b", "sideways", ["a", "b", "c"]),
    ],
)
def test_a_field_is_moved(client, boss, key, direction, order):
    for one in "abc":
        make_field(one)

    response = client.post(reverse("field_move", kwargs={"key": key}), {"direction": direction})

    assert response.headers["Location"] == LIST
    assert keys() == order


def test_fields_at_the_same_place_can_be_moved():
    for one in "abc":
        Field.objects.create(key=one, label=one, type="text")

    move_field(field=Field.objects.get(key="c"), step=-1)

    assert keys() == ["a", "c", "b"]


def test_a_move_by_htmx_gets_the_list(client, boss, tier):
    response = client.post(MOVE, {"direction": "up"}, headers=HTMX)

    assert response.content.strip().startswith(b'<div id="fields"')


def test_deleting_is_asked_about(client, boss, tier):
    page = client.get(DELETE).content.decode()

    assert "every value that contacts have for it" in page
    assert "Delete field" in page
    assert keys() == ["tier"]


def test_a_field_is_deleted_with_its_values(client, boss, tier):
    make_contact(tier="Gold")

    response = client.post(DELETE, follow=True)

    assert "“Tier” was deleted" in response.content.decode()
    assert keys() == []
    assert Contact.objects.get().attributes == {}


def test_a_field_in_use_is_not_deleted_and_its_users_are_named(client, boss, tier, used):
    question = client.get(DELETE).content.decode()
    answer = client.post(DELETE, follow=True).content.decode()

    assert '<a href="/golden">Golden ones</a>' in question
    assert "Delete field</button>" not in question
    assert "“Tier” is used by “Golden ones”" in answer
    assert keys() == ["tier"]


def test_htmx_gets_the_part_alone(client, marketer):
    whole, part = client.get(LIST), client.get(LIST, headers=HTMX)

    assert b"<html" in whole.content
    assert part.content.strip().startswith(b'<div id="fields"')
    for response in (whole, part):
        assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("address", [LIST, NEW, EDIT, DELETE])
def test_a_page_needs_someone_signed_in(client, tier, address):
    response = client.get(address)

    assert response.headers["Location"] == f"{reverse('login')}?next={address}"


@pytest.mark.parametrize("address", [NEW, EDIT, DELETE, MOVE])
def test_doing_something_needs_the_right_role(client, tier, sign_in_as, address):
    assert client.post(address).headers["Location"].startswith(reverse("login"))
    for role in ("", "Marketers", "Campaign managers"):
        sign_in_as(role)
        assert client.post(address, {"direction": "up"}).status_code == 403
    assert keys() == ["tier"]


@pytest.mark.parametrize("address", [NEW, EDIT, DELETE])
def test_questions_are_not_asked_of_marketers(client, marketer, tier, address):
    assert client.get(address).status_code == 403


def test_the_list_needs_a_role(client, sign_in_as):
    sign_in_as("")

    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("address", [EDIT, DELETE])
def test_an_unknown_field_is_a_404(client, boss, address):
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert client.post(MOVE).status_code == 404


@pytest.mark.parametrize(
    ("address", "method"),
    [(LIST, "post"), (NEW, "put"), (EDIT, "put"), (DELETE, "put"), (MOVE, "get")],
)
def test_other_methods_are_refused(client, boss, tier, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_labels_are_shown_as_text(client, boss):
    make_field("tier", label="<script>alert(1)", description="<b>", choices=["<i>"])

    for address in (LIST, EDIT, DELETE):
        page = client.get(address).content
        assert b"<script>alert" not in page
        assert b"<b>" not in page
        assert b"<i>" not in page


def test_twice_as_many_fields_cost_the_same(client, boss):
    for number in range(5):
        make_field(f"f{number}")
    few = queries_of(lambda: client.get(LIST))
    for number in range(5, 15):
        make_field(f"f{number}")

    assert queries_of(lambda: client.get(LIST)) == few <= 18


def test_a_search_looks_at_names_keys_and_descriptions(client, boss, tier):
    make_field("shoe_size", "number", label="Feet")

    for words in ("tier", "LOYAL how", "Tier"):
        page = client.get(LIST, {"q": words}).content
        assert b"How loyal" in page
        assert b"Feet" not in page
    assert b"Feet" in client.get(LIST, {"q": "shoe"}).content
    assert "has “nothing” in its name" in client.get(LIST, {"q": "nothing"}).content.decode()


def test_rows_that_were_searched_for_are_not_moved(client, boss, tier):
    assert b"data-order" in client.get(LIST).content
    assert b"data-order" not in client.get(LIST, {"q": "tier"}).content


def test_archived_fields_stand_apart_and_keep_their_place(client, boss, tier):
    make_field("old", archived=True)
    make_field("age")

    page = client.get(LIST).content.decode()

    rest = page.partition("Archived fields</h2>")[2]
    assert "<code>old</code>" in rest
    assert "<code>age</code>" not in rest
    client.post(reverse("field_move", kwargs={"key": "age"}), {"direction": "up"})
    active = Field.objects.filter(archived_at=None)
    assert list(active.values_list("key", flat=True)) == ["age", "tier"]


@pytest.mark.parametrize(("place", "expected"), [("0", "bac"), ("1", "abc"), ("99", "acb")])
def test_a_field_is_dropped_at_a_place(client, boss, place, expected):
    for key in "abc":
        make_field(key)

    client.post(reverse("field_move", kwargs={"key": "b"}), {"place": place}, headers=HTMX)

    assert "".join(keys()) == expected


@pytest.mark.parametrize("place", ["-1", "x", "", "9" * 30, "²"])
def test_a_place_that_is_none_moves_nothing(client, boss, tier, place):
    assert client.post(MOVE, {"place": place}).status_code == 302


def test_a_row_says_how_many_contacts_have_a_value(client, boss, tier):
    make_contact("a", tier="Gold")
    make_contact("b")

    assert 'title="1 of 2 contacts">50 %</td>' in client.get(LIST).content.decode()


def test_a_field_says_how_many_contacts_have_each_value(client, boss, tier):
    for name, value in {"a": "Gold", "b": "Gold", "c": "Bronze"}.items():
        make_contact(name, tier=value)

    page = " ".join(client.get(EDIT).content.decode().split())

    assert "3 of 3 contacts (100 %)" in page
    assert '>Gold</span> <span class="figure text-secondary">2</span>' in page
    assert '>Silver</span> <span class="figure text-secondary">0</span>' in page
    assert "Not a choice" in page.partition(">Bronze</span>")[2][:60]


def test_elements_of_lists_and_numbers_are_counted_as_choices():
    make_field("likes", "list", choices=["shoes"])
    make_field("size", "number", choices=[1, Decimal("2.50")])
    make_contact("a", likes=["shoes", "shoes", "hats"], size=Decimal("2.5"))
    make_contact("b", likes=["shoes"], size=1)

    def counts(key):
        field = Field.objects.get(key=key)
        found = amounts.holders(key=key, type_=field.type, choices=field.choices)
        return [(one.value, one.amount.count, one.is_choice) for one in found]

    assert counts("likes") == [("shoes", 2, True), ("hats", 1, False)]
    assert counts("size") == [(1, 1, True), (Decimal("2.50"), 1, True)]


def test_a_choice_that_is_taken_away_says_who_keeps_it(client, boss, tier):
    make_contact("a", tier="Gold")
    sent = {"label": "Tier", "description": "", "choices": "Silver"}

    page = client.post(EDIT, sent, follow=True).content.decode()

    assert "“Gold” is no longer offered. 1 contact has it and will keep it" in page
    assert Contact.objects.get().attributes == {"tier": "Gold"}


def test_of_many_contacts_a_sample_is_looked_at(monkeypatch):
    make_field("tier", choices=["Gold"])
    for number in range(20):
        make_contact(f"u{number}", tier="Gold")
    monkeypatch.setattr("contacts.filled.FEW", 10)

    amount = amounts.filled(["tier"])["tier"]

    assert (amount.count, amount.percent, amount.is_exact) == (20, 100, False)


def test_a_program_that_wants_another_type_learns_where_it_is_changed(tier):
    with pytest.raises(Refused, match="/contacts/fields/tier/type"):
        update_field(field=tier, raw={"type": "number"}, now=NOW)
