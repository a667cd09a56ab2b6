"""Taking contacts away as files."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts import exporting
from contacts.tests.made import make_contact, make_field, queries_of

pytestmark = pytest.mark.django_db

EXPORT = reverse("contact_export")


@pytest.fixture(autouse=True)
def somebody_looks(marketer):
    return marketer


def taken(client, kind, *columns, query=""):
    response = client.post(EXPORT + query, {"kind": kind, "column": columns})
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def table(text):
    return list(csv.reader(io.StringIO(text)))


def test_chosen_fields_come_in_the_order_of_the_page(client):
    make_field("tags", "list")
    make_contact("u1", email="ann@example.com", tags=["a", "b"])
    make_contact("u2")

    text = taken(client, "csv", "attributes.tags", "external_id", "nonsense")

    assert table(text) == [["external_id", "tags"], ["u1", "a; b"], ["u2", ""]]


def test_json_lines_are_as_the_api_shows_contacts(client):
    make_field("score", "number")
    make_contact("u1", city="Łódź", score=Decimal("1.50"))

    text = taken(client, "jsonl", "external_id", "city", "attributes.score")

    assert text == '{"external_id":"u1","city":"Łódź","attributes":{"score":1.50}}\n'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_like_a_formula(client, sign):
    make_field(f"f{ord(sign)}", label=f"{sign}x")
    make_contact("u1", first_name=f"{sign}1+1", city="a=b")

    text = taken(client, "csv", "first_name", "city")

    assert table(text)[1] == [f"'{sign}1+1", "a=b"]


def test_only_what_was_searched_for_is_exported(client):
    make_contact("u1", first_name="Anna")
    make_contact("u2", first_name="Bob")

    text = taken(client, "jsonl", "external_id", query="?q=ann")

    assert [json.loads(line)["external_id"] for line in text.splitlines()] == ["u1"]


def test_many_contacts_are_read_in_bites(client, monkeypatch):
    monkeypatch.setattr(exporting, "BITE", 2)
    for number in range(5):
        make_contact(f"u{number}")

    assert len(table(taken(client, "csv", "id"))) == 6


def test_no_field_is_refused(client):
    assert client.post(EXPORT, {"kind": "csv"}).status_code == 422
    assert client.post(EXPORT, {"kind": "exe", "column": "id"}).status_code == 422


def test_the_list_leads_to_the_export_of_what_it_shows(client):
    make_contact("u1", first_name="Anna")

    page = client.get(reverse("contact_list"), {"q": "ann"}).content.decode()

    assert f'href="{EXPORT}?q=ann"' in page


def test_twice_the_contacts_cost_no_more_queries(client):
    make_contact("u1")
    before = queries_of(lambda: taken(client, "csv", "id"))
    make_contact("u2")

    assert queries_of(lambda: taken(client, "csv", "id")) == before
