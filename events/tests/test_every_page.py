"""What all pages of events have in common: who may see them, parts, costs, odd questions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from events.models import EventType
from events.tests.made import make_event, make_type, make_user, queries_of
from segmentflow.models import ApiKey

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/events?type=1"}

FEED, TYPES, SEND, NEW = (
    reverse(name) for name in ("event_feed", "event_type_list", "send_events", "event_type_new")
)
PARTS = [(FEED, "feed"), (TYPES, "types"), (SEND, "arrival")]


@pytest.fixture
def purchase():
    make_event(attributes={"amount": 12.5, "category": "shoes"})
    return make_type()


def detail(event_type) -> str:
    return reverse("event_type_detail", args=[event_type.pk])


@pytest.fixture(params=["feed", "types", "send", "detail"])
def address(request, purchase) -> str:
    return {"feed": FEED, "types": TYPES, "send": SEND, "detail": detail(purchase)}[request.param]


def test_a_page_works(client, reader, address):
    response = client.get(address)

    assert response.status_code == 200
    assert b"</html>" in response.content


def test_the_form_of_a_new_type_works(client, admin):
    assert client.get(NEW).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_needs_someone_signed_in(client, address, method):
    response = getattr(client, method)(address)

    assert response.status_code in (302, 405)
    if response.status_code == 302:
        assert response.headers["Location"] == f"{reverse('login')}?next={address}"


def test_a_page_needs_a_role(client, address):
    client.force_login(make_user())

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_readers_register_no_types(client, reader, method):
    assert getattr(client, method)(NEW, {"key": "Purchase"}).status_code == 403
    assert not EventType.objects.exists()


def test_readers_change_no_types(client, reader, purchase):
    assert client.post(detail(purchase), {"label": "Bought"}).status_code == 403
    assert EventType.objects.get().label == ""


def test_readers_make_no_keys(client, reader, purchase):
    assert client.post(SEND).status_code == 403
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("address", [FEED, TYPES])
def test_lists_only_show(client, admin, address):
    assert client.post(address).status_code == 405


def test_no_page_is_put_or_deleted(client, admin, address):
    assert client.put(address).status_code == 405
    assert client.delete(address).status_code == 405


@pytest.mark.parametrize("pk", [999_999, 10**18, 10**30])
def test_an_unknown_type_is_a_404(client, admin, pk):
    assert client.get(f"/events/types/{pk}").status_code == 404


@pytest.mark.parametrize("name", ["type", "contact"])
@pytest.mark.parametrize("asked", ["999999", "abc", "-1", "1e3", "٣", "9" * 19, "9" * 400, "\0"])
def test_a_feed_of_what_does_not_exist_is_a_404(client, reader, name, asked):
    assert client.get(FEED, {name: asked}).status_code == 404


@pytest.mark.parametrize("path", [FEED, TYPES, SEND])
@pytest.mark.parametrize(
    "asked", ["\0", "x", "ÿ", "-1", "W10", "bnVsbA", "é" * 3_000, "' or 1=1 --"]
)
def test_odd_questions_are_answered(client, reader, purchase, path, asked):
    names = ("q", "after", "before", "page", "sort", "state", "token", "days")

    for name in names:
        assert client.get(path, {name: asked}).status_code == 200


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_htmx_gets_only_the_part(client, reader, purchase, path, part):
    response = client.get(path, headers=HTMX)

    html = response.content.decode().strip()
    assert html.startswith(f'<section id="{part}"')
    assert html.endswith("</section>")
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_a_visit_gets_the_whole_page_with_the_same_part(client, reader, purchase, path, part):
    html = client.get(path).content.decode()

    assert f'<section id="{part}"' in html
    assert "<title>" in html


def test_many_rows_cost_the_queries_of_few(client, reader, purchase, address):
    make_event("second", contact="zoe", type_="MailOpen")
    client.get(address)
    few = queries_of(lambda: client.get(address))
    for number in range(30):
        make_event(f"more {number}", contact=f"c{number}", type_=f"Type {number % 15}")
        make_event(f"bought {number}", contact=f"c{number}", attributes={f"a{number}": 1})

    assert queries_of(lambda: client.get(address)) == few


def test_what_was_sent_is_shown_as_text(client, admin, purchase):
    evil = "<script>alert('x')</script><b>"
    make_event(
        evil,
        contact=evil,
        type_=evil,
        attributes={evil: {evil: [evil]}, "list": [{evil: evil}]}
        | {f"a{n}": evil for n in range(9)},
    )
    attributes = {evil: {"types": {"text": 1}, "samples": [evil, ""]}}
    EventType.objects.filter(key=evil).update(
        label=evil, description=evil, value_attribute=evil, attributes=attributes
    )

    for path in (FEED, TYPES, SEND, detail(make_type(evil))):
        html = client.get(path).content.decode()
        assert "<script>alert" not in html
        assert "<b>" not in html
    assert "&lt;script&gt;alert" in html
