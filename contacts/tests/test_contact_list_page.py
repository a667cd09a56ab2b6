"""The list of contacts: what a row says, finding, narrowing, pages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts import narrowing
from contacts.models import Contact
from contacts.narrowing import Choice, Narrowing
from contacts.tests.made import HTMX, make_contact, queries_of
from contacts.views.listing import CONTACTS_A_PAGE

pytestmark = pytest.mark.django_db

LIST = reverse("contact_list")


def names(response):
    return [contact.external_id for contact in response.context["page"].rows]


@pytest.fixture
def teams(monkeypatch):
    """Contacts can be narrowed to the team of a letter."""
    known = [Choice("a", "Team A", "/teams/a"), Choice("b", "Team B", "/teams/b")]

    def ids(value):
        return Contact.objects.filter(external_id__startswith=value).values("pk")

    teams = {"team": Narrowing(ids, "Team", lambda chosen: known)}
    monkeypatch.setattr(narrowing, "_narrowings", teams)


def test_a_row_says_who_it_is(client, marketer):
    contact = make_contact(
        "crm-1", first_name="Anna", last_name="Berg", email="a@b.c", city="Oslo", country="NO"
    )

    page = client.get(LIST).content.decode()

    assert f'href="{reverse("contact_detail", args=[contact.pk])}"' in page
    for said in ("Anna Berg", "a@b.c", "Oslo", "NO", "1 contact</a>"):
        assert said in page


def test_a_contact_without_a_name_is_called_by_what_is_known(client, marketer):
    contact = make_contact("", email="a@b.c")

    page = client.get(LIST).content.decode()

    assert f'href="{reverse("contact_detail", args=[contact.pk])}">a@b.c</a>' in page


def test_the_newest_come_first(client, marketer):
    for name in ("a", "b", "c"):
        make_contact(name)

    assert names(client.get(LIST)) == ["c", "b", "a"]


def test_pages_lead_on_and_back(client, marketer):
    for number in range(CONTACTS_A_PAGE * 2 + 1):
        make_contact(f"u{number:03}", first_name="Anna")

    first = client.get(LIST, {"q": "ann"})
    second = client.get(LIST, {"q": "ann", "after": first.context["page"].next})
    third = client.get(LIST, {"q": "ann", "after": second.context["page"].next})
    back = client.get(LIST, {"q": "ann", "before": third.context["page"].previous})

    assert names(first)[0] == "u100"
    assert names(second)[0] == "u050"
    assert names(third) == ["u000"]
    assert third.context["page"].next is None
    assert names(back) == names(second)
    assert b"?q=ann&amp;after=" in first.content


def test_the_total_is_told_of_everybody_only(client, marketer, teams):
    make_contact("a1", first_name="Anna")

    assert client.get(LIST).context["total"] == 1
    assert client.get(LIST, {"q": "anna"}).context["total"] is None
    assert client.get(LIST, {"team": "a"}).context["total"] is None


def test_a_search_finds_beginnings_of_words(client, marketer):
    make_contact("u1", first_name="Anna", last_name="Berg")
    make_contact("u2", first_name="Joanna")

    assert names(client.get(LIST, {"q": " ANN  ber "})) == ["u1"]


def test_the_list_is_narrowed_and_says_to_what(client, marketer, teams):
    make_contact("a1", first_name="Anna")
    make_contact("a2", first_name="Ola")
    make_contact("b1", first_name="Anna")

    response = client.get(LIST, {"team": "a", "q": "anna"})
    page = response.content.decode()

    assert names(response) == ["a1"]
    assert '<a href="/teams/a">Team A</a>' in page
    assert '<option value="a" selected>' in page
    assert 'aria-label="Remove team Team A"' in page


def test_an_unknown_choice_is_said_to_be_unknown(client, marketer, teams):
    make_contact("x1")

    response = client.get(LIST, {"team": "<x>"})

    assert "There is no team with the key “&lt;x&gt;”" in response.content.decode()
    assert b"x1" not in response.content


def test_an_empty_list_says_how_contacts_come(client, marketer):
    page = client.get(LIST).content

    assert b"No contacts yet" in page
    assert b"/api/v1/contacts" in page
    assert reverse("send_events").encode() in page


def test_nobody_found_is_not_nobody_there(client, marketer, teams):
    make_contact("b1")

    searched, narrowed = client.get(LIST, {"q": "zzz"}), client.get(LIST, {"team": "a"})

    assert b"Nobody found" in searched.content
    assert b"Nobody is in it" in narrowed.content
    assert b"No contacts yet" not in searched.content + narrowed.content


def test_htmx_gets_the_part_alone(client, marketer):
    whole, part = client.get(LIST), client.get(LIST, headers=HTMX)

    assert b"<html" in whole.content
    assert part.content.strip().startswith(b'<section id="contacts"')
    for response in (whole, part):
        assert "HX-Request" in response.headers["Vary"]


def test_the_list_needs_someone_signed_in(client):
    response = client.get(LIST)

    assert response.headers["Location"] == f"{reverse('login')}?next={LIST}"


def test_the_list_needs_a_role(client, sign_in_as):
    sign_in_as("")

    assert client.get(LIST).status_code == 403


def test_the_list_only_shows(client, boss):
    assert client.post(LIST).status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=%ff&segment=%ff",
        f"?q={'a' * 5000}",
        "?q=%27%3A%2A%21%28",
        "?q=%25",
        "?segment=%00",
        "?segment=nothing&q=a",
        "?after=x",
        f"?after={'9' * 30}",
        "?after=-1",
        "?before=%C2%B2",
        "?before=0",
    ],
)
def test_odd_questions_get_an_answer(client, marketer, query):
    make_contact()

    assert client.get(LIST + query).status_code == 200


def test_names_are_shown_as_text(client, marketer):
    make_contact(first_name="<script>alert(1)</script>", city="<b>")

    page = client.get(LIST).content

    assert b"<script>alert" not in page
    assert b"<b>" not in page


@pytest.mark.parametrize("query", ["", "?q=anna", "?segment=vips"])
def test_twice_as_many_contacts_cost_the_same(client, marketer, query):
    for number in range(5):
        make_contact(f"a{number}", first_name="Anna")
    few = queries_of(lambda: client.get(LIST + query))
    for number in range(10):
        make_contact(f"b{number}", first_name="Anna")

    assert queries_of(lambda: client.get(LIST + query)) == few <= 16
