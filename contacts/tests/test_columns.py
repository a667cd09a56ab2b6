"""Columns of the list of contacts: chosen by each person, shown by type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.columns import MOST, USUAL, all_columns, choose_columns, chosen_columns
from contacts.fields import update_field
from contacts.models import ContactColumns
from contacts.tests.made import HTMX, NOW, make_contact, make_field, queries_of
from contacts.views.columns import moved
from segmentflow.models import User

pytestmark = pytest.mark.django_db

LIST = reverse("contact_list")
COLUMNS = reverse("contact_columns")


def chosen(person):
    return [column.key for column in chosen_columns(person=person, columns=all_columns())]


def choose(client, *keys, do="save", query=""):
    return client.post(COLUMNS + query, {"column": keys, "do": do})


def shown(client, query=""):
    page = client.get(LIST + query)
    return [column.key for column in page.context["columns"]]


def cells(client):
    [(_, found)] = client.get(LIST).context["rows"]
    return [str(one) for one in found]


def test_whoever_chose_none_sees_the_usual_ones(client, marketer):
    assert shown(client) == [*USUAL]


def test_what_is_chosen_is_kept_in_its_order(client, marketer):
    make_field("tier")

    response = choose(client, "attributes.tier", "city", "email", query="?q=ann&after=7")

    assert response.headers["Location"] == f"{LIST}?q=ann"
    assert shown(client) == ["attributes.tier", "city", "email"]


def test_each_person_has_their_own(client, marketer):
    other = User.objects.create_user("other")
    choose(client, "city")

    assert chosen(other) == [*USUAL]
    assert chosen(marketer) == ["city"]


def test_no_column_but_the_name_may_be_chosen(client, marketer):
    make_contact(first_name="Anna")
    choose(client)

    assert shown(client) == []
    assert b"Anna" in client.get(LIST).content


def test_the_usual_ones_come_back(client, marketer):
    choose(client, "city")
    choose(client, do="usual")

    assert shown(client) == [*USUAL]
    assert not ContactColumns.objects.exists()


def test_what_is_archived_or_gone_is_passed_over(client, marketer):
    field = make_field("tier")
    choose(client, "attributes.tier", "city", "attributes.never", "nonsense", "city")
    assert shown(client) == ["attributes.tier", "city"]

    update_field(field=field, raw={"archived": True}, now=NOW)

    assert shown(client) == ["city"]
    assert "attributes.tier" not in [column.key for column in all_columns()]


def test_too_many_are_refused_with_a_sentence(client, marketer):
    for number in range(MOST + 1):
        make_field(f"f{number}")
    choose(client, "city")

    response = choose(client, *(f"attributes.f{number}" for number in range(MOST + 1)))

    assert response.status_code == 422
    assert f"Choose up to {MOST} columns" in response.content.decode()
    assert chosen(marketer) == ["city"]


def test_without_scripts_a_column_is_moved_before_it_is_saved(client, marketer):
    response = choose(client, "email", "city", "country", do="up:city")

    assert [column.key for column in response.context["chosen"]] == ["city", "email", "country"]
    assert chosen(marketer) == [*USUAL]


@pytest.mark.parametrize(
    ("key", "by", "expected"),
    [
        ("a", 1, ["b", "a", "c"]),
        ("a", -1, ["a", "b", "c"]),
        ("c", -1, ["a", "c", "b"]),
        ("c", 1, ["a", "b", "c"]),
        ("x", 1, ["a", "b", "c"]),
    ],
)
def test_a_column_moves_as_far_as_it_can(key, by, expected):
    assert moved(["a", "b", "c"], key, by) == expected


def test_values_are_shown_by_their_type(client, marketer):
    for key, kind in [("n", "number"), ("b", "boolean"), ("d", "date"), ("l", "list")]:
        make_field(key, kind)
    make_field("t", "datetime")
    make_contact(
        "u1",
        city="<b>",
        n=Decimal("1234567.50"),
        b=False,
        d="2026-03-09",
        l=["a", "b", "c", "d", "<e>"],
        t="2026-03-09T10:00:00Z",
    )
    choose(client, "city", *(f"attributes.{key}" for key in "nbdlt"), "phone")

    city, number, boolean, day, texts, time, phone = cells(client)

    assert city == "&lt;b&gt;"
    assert ">1,234,567.50<" in number
    assert boolean == "No"
    assert day == "9 March 2026"
    assert ">a, b, c and 2 more<" in texts
    assert "&lt;e&gt;" in texts
    assert ">9 March 2026, 10:00<" in time
    assert "Not set" in phone


def test_a_long_text_is_cut_in_the_cell(client, marketer):
    make_contact("u1", city="x" * 900)
    choose(client, "city")

    assert "…" in cells(client)[0]


def test_columns_cost_no_more_queries(client, marketer):
    for number in range(10):
        make_field(f"f{number}")
    make_contact("u1", f1="a")
    choose_columns(person=marketer, keys=["attributes.f1"])
    few = queries_of(lambda: client.get(LIST))

    choose_columns(person=marketer, keys=[f"attributes.f{number}" for number in range(10)])

    assert queries_of(lambda: client.get(LIST)) == few


def test_htmx_gets_the_part_alone(client, marketer):
    part = client.get(COLUMNS, headers=HTMX)

    assert part.content.strip().startswith(b"<form")


def test_the_columns_of_who_has_gone_go(client, marketer):
    choose(client, "city")

    marketer.delete()

    assert not ContactColumns.objects.exists()


def test_a_creation_date_can_be_chosen(client, marketer):
    make_contact("u1")
    choose(client, "created_at", "updated_at")

    assert all("<time" in one for one in cells(client))
