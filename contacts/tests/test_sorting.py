"""The list of contacts in the order of a column, from the first page to the last and back."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.urls import reverse

from contacts.columns import all_columns
from contacts.models import Contact
from contacts.sorting import order_of
from contacts.tests.made import make_contact, make_field, queries_of
from contacts.views import listing

pytestmark = pytest.mark.django_db

LIST = reverse("contact_list")


@pytest.fixture(autouse=True)
def short_pages(monkeypatch, marketer):
    monkeypatch.setattr(listing, "CONTACTS_A_PAGE", 3)


def names(response):
    return [contact.external_id for contact in response.context["page"].rows]


def walked(client, sort):
    """The whole list page by page, and again from its end."""
    there, page = [], client.get(LIST, {"sort": sort})
    there.append(names(page))
    while page.context["page"].next:
        page = client.get(LIST, {"sort": sort, "after": page.context["page"].next})
        there.append(names(page))
    back = [names(page)]
    while page.context["page"].previous and len(back) < len(there):
        page = client.get(LIST, {"sort": sort, "before": page.context["page"].previous})
        back.insert(0, names(page))
    assert back == there
    return [name for rows in there for name in rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["d", "c", "b", "a"]),
        ("name", ["b", "a", "d", "c"]),
        ("-name", ["c", "d", "a", "b"]),
        ("city", ["c", "a", "b", "d"]),
        ("-city", ["a", "c", "d", "b"]),
        ("created_at", ["a", "b", "c", "d"]),
        ("-updated_at", ["d", "c", "b", "a"]),
        ("attributes.score", ["b", "c", "a", "d"]),
        ("-attributes.score", ["a", "c", "b", "d"]),
        ("attributes.ok", ["a", "b", "c", "d"]),
        ("attributes.tags", ["d", "c", "b", "a"]),
        ("attributes.nothing", ["d", "c", "b", "a"]),
        ("nonsense\0", ["d", "c", "b", "a"]),
    ],
)
def test_a_column_orders_the_list_and_who_has_no_value_comes_last(client, sort, expected):
    make_field("score", "number")
    make_field("ok", "boolean")
    make_field("tags", "list")
    make_contact("a", first_name="Bo", city="Oslo", score=Decimal("10.5"), ok=False)
    make_contact("b", first_name="Ann", score=Decimal(-2), ok=True, tags=["x"])
    make_contact("c", email="zed@example.com", city="bergen", score=9, ok=True)
    make_contact("d", last_name="Cy")

    assert walked(client, sort) == expected


@pytest.mark.parametrize("sort", ["city", "-city", "attributes.score", "-attributes.score"])
@pytest.mark.parametrize("seed", range(3))
def test_no_one_is_shown_twice_or_not_at_all(client, sort, seed):
    """Many have the same value, and many none."""
    rng = Random(seed)  # noqa: S311 - nothing is kept secret
    make_field("score", "number")
    for number in range(20):
        values: dict[str, Any] = {"city": rng.choice(("", "Oslo", "OSLO", "Łódź", "x~1"))}
        if rng.random() < 0.7:
            values["score"] = rng.choice((1, Decimal("1.5"), Decimal("-1e9")))
        make_contact(f"u{number}", **values)

    found = walked(client, sort)

    assert sorted(found) == sorted(Contact.objects.values_list("external_id", flat=True))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "~",
        "1~",
        "~a",
        f"1~{'a' * 5000}",
        "1~%00",
        "1~\ud800",
        "99999999999999999999~a",
        "1~NaN",
    ],
)
@pytest.mark.parametrize("sort", ["name", "attributes.score", "-created_at"])
@pytest.mark.parametrize("side", ["after", "before"])
def test_odd_cursors_get_an_answer(client, cursor, sort, side):
    make_field("score", "number")
    make_contact("u1", first_name="Anna")
    parameters = {"sort": sort, side: cursor.encode("utf-8", "surrogatepass")}

    assert client.get(LIST, parameters).status_code == 200


@pytest.mark.parametrize("value", ["9" * 400, "1e999999", "Infinity", "-1", "1_0", "9" * 200])
@pytest.mark.parametrize("sort", ["attributes.score", "updated_at"])
def test_odd_values_in_a_cursor_get_an_answer(client, value, sort):
    make_field("score", "number")
    make_contact("u1", score=1)

    assert client.get(LIST, {"sort": sort, "after": f"1~{value}"}).status_code == 200


def test_what_takes_too_long_is_said(client, monkeypatch):
    make_contact("u1", first_name="Anna")
    monkeypatch.setattr(listing, "PATIENCE_MS", 1)
    monkeypatch.setattr(
        "contacts.sorting.NAME_SQL", "first_name || (SELECT '' FROM pg_sleep(0.1))::text"
    )

    page = client.get(LIST, {"sort": "name"}).content.decode()

    assert "This takes too long" in page
    assert "the order of “Contact”" in page
    assert "Anna" not in page


def test_heads_sort_and_say_so(client):
    make_field("tags", "list")
    make_contact("u1")

    page = client.get(LIST, {"sort": "-city", "q": "u"}).content.decode()

    assert 'aria-sort="descending"><a class="sort" href="?sort=city&amp;q=u"' in page.replace(
        "?q=u&amp;sort=city", "?sort=city&amp;q=u"
    )
    assert not order_of("attributes.tags", all_columns())


def test_an_order_costs_no_more_queries_for_more_contacts(client):
    make_contact("u1")
    few = queries_of(lambda: client.get(LIST, {"sort": "name"}))
    make_contact("u2")

    assert queries_of(lambda: client.get(LIST, {"sort": "name"})) == few
