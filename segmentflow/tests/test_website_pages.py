"""The pages of websites: connected, shown with what to put on them, changed, revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.models import Field
from events.models import EventType
from segmentflow.api.websites import create_website, note_refused, note_sent, revoke_website
from segmentflow.clock import current_time
from segmentflow.models import Website
from segmentflow.roles import ADMINS
from segmentflow.tests.made import HTMX, queries, sign_in

pytestmark = pytest.mark.django_db

LIST = "/settings/websites"
NEW = "/settings/websites/new"
SHOP = "https://shop.example"


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


@pytest.fixture
def website():
    return create_website(name="Shop", origins=[SHOP])


def page(website, action: str = "detail") -> str:
    return reverse(f"website_{action}", args=[website.pk])


def test_a_new_website_comes_with_the_line_for_its_pages(client, ada):
    origins = f"{SHOP}/\n\nhttps://*.Shop.example\n{SHOP}"
    response = client.post(NEW, {"name": "Shop", "origins": origins}, follow=True)

    website = Website.objects.get()
    assert (website.origins, website.created_by) == ([SHOP, "https://*.shop.example"], ada)
    shown = response.content.decode()
    line = f'&lt;script async src="http://testserver/t.js" data-key="{website.key}"&gt;'
    assert line in shown
    assert "script-src http://testserver; connect-src http://testserver" in shown
    assert "Waiting for the first visit" in shown
    assert EventType.objects.get().key == "Page_visit"


def test_the_key_is_shown_again_at_any_time(client, ada, website):
    assert website.key in client.get(page(website)).content.decode()
    assert website.key in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("origins", "said"),
    [
        ("", "required"),
        ("  \n ", "required"),
        ("shop.example", "“shop.example” has to begin with https://"),
        (f"{SHOP}\n*", "“*” would let every page in"),
        ("\n".join(f"https://s{n}.example" for n in range(51)), "at most 50"),
        ("https://a\0.example", "Null characters"),
    ],
)
def test_addresses_that_cannot_be_are_said(client, ada, origins, said):
    response = client.post(NEW, {"name": "Shop", "origins": origins})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Website.objects.exists()


def test_sending_the_form_again_makes_no_second_website(client, ada, website):
    form = {"name": "Shop", "origins": SHOP}

    assert client.post(NEW, form).status_code == 422
    revoke_website(website=website, now=current_time())
    assert client.post(NEW, form).status_code == 302


def test_addresses_and_fields_change_and_the_key_stays(client, ada, website):
    Field.objects.create(key="plan", label="Plan", type="text")
    form = {"name": "Shop", "origins": "https://other.example", "may_fill": ["plan"]}

    assert client.post(page(website, "edit"), form).status_code == 302

    changed = Website.objects.get()
    assert (changed.origins, changed.fields) == (["https://other.example"], ["plan"])
    assert changed.key == website.key
    assert "Plan" in client.get(page(website, "edit")).content.decode()


def test_a_field_that_does_not_exist_is_refused(client, ada):
    Field.objects.create(key="plan", label="Plan", type="text")

    response = client.post(NEW, {"name": "Shop", "origins": SHOP, "may_fill": ["odd"]})

    assert response.status_code == 422


def test_a_chosen_field_that_was_archived_stays_chosen(client, ada):
    website = create_website(name="Shop", origins=[SHOP], fields=["old"])
    form = {"name": "Shop", "origins": SHOP, "may_fill": ["old"]}

    assert client.post(page(website, "edit"), form).status_code == 302
    assert Website.objects.get().fields == ["old"]


def test_the_light_turns_green_with_the_first_visit(client, ada, website):
    assert "Waiting" in client.get(page(website), headers=HTMX).content.decode()

    note_sent(website=website, origin=SHOP, now=current_time())

    part = client.get(page(website), headers=HTMX).content.decode()
    assert "Visits arrive" in part
    assert f"at {SHOP}" in part
    assert "<html" not in part


def test_a_page_that_is_refused_is_named_until_visits_arrive(client, ada, website):
    now = current_time()
    note_refused(website=website, origin="https://new.example", now=now)
    assert "Is it yours?" in client.get(page(website)).content.decode()

    note_sent(website=website, origin=SHOP, now=now + timedelta(seconds=1))

    shown = client.get(page(website)).content.decode()
    assert "Is it yours?" not in shown
    assert "1 request from elsewhere" in shown


def test_revoking_is_asked_for_and_done_once(client, ada, website):
    asked = client.get(page(website, "revoke"), headers=HTMX).content.decode()
    assert "Contacts and events that came from it stay" in asked

    client.post(page(website, "revoke"))
    response = client.post(page(website, "revoke"), follow=True)

    assert "was revoked already" in response.content.decode()
    assert Website.objects.get().revoked_at is not None
    assert "Revoke website" not in client.get(page(website, "revoke")).content.decode()
    assert client.get(page(website, "edit")).status_code == 403
    assert "is refused" in client.get(page(website)).content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Shop", "Blog", "Old"}),
        ("?q=shop", {"Shop"}),
        ("?q=blog.example", {"Blog"}),
        ("?state=waiting", {"Blog"}),
        ("?state=sends", {"Shop"}),
        ("?state=revoked", {"Old"}),
        ("?state=odd&page=x", {"Shop", "Blog", "Old"}),
        ("?q=%00", {"Shop", "Blog", "Old"}),
        ("?q=nothing", set()),
    ],
)
def test_websites_are_found_by_name_address_and_state(client, ada, website, query, names):
    note_sent(website=website, origin=SHOP, now=current_time())
    create_website(name="Blog", origins=["https://blog.example"])
    old = create_website(name="Old", origins=["https://old.example"])
    revoke_website(website=old, now=current_time())

    response = client.get(LIST + query)

    assert {one.name for one in response.context["page"]} == names


def test_a_website_is_found_by_its_key(client, ada, website):
    create_website(name="Blog", origins=["https://blog.example"])

    found = client.get(LIST, {"q": website.key}).context["page"]

    assert [one.name for one in found] == ["Shop"]


def test_without_a_website_the_page_says_what_one_is_for(client, ada):
    assert "Connect the first website" in client.get(LIST).content.decode()


def test_twice_the_websites_cost_no_more_queries(client, ada, website):
    def look() -> None:
        client.get(LIST)

    look()
    before = queries(look)
    for n in range(10):
        create_website(name=f"Site {n}", origins=[SHOP], created_by=ada)
    assert queries(look) == before
