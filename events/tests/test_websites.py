"""Pages of websites send to /v1/ with a key that anybody can read: what that lets them do."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from contacts.models import Contact, Field, Identity
from events.models import Event, EventType, IngestProblem
from events.tests.made import make_type
from events.tracking.pages import MOST_BYTES, MOST_MESSAGES, MOST_TYPES, register_visits
from segmentflow.api.keys import create_key
from segmentflow.api.websites import create_website, revoke_website
from segmentflow.clock import current_time
from segmentflow.models import Website

pytestmark = pytest.mark.django_db

SHOP = "https://shop.example"
ELSEWHERE = "https://evil.example"
READABLE = "Access-Control-Allow-Origin"


@pytest.fixture
def website():
    return create_website(name="Shop", origins=[SHOP], fields=["plan"])


@pytest.fixture
def post(client):
    """As a page posts: plain text, so that the browser need not ask beforehand."""

    def posted(call: str, body: Any, origin: str = SHOP, **headers: str):
        return client.post(
            f"/v1/{call}",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="text/plain;charset=UTF-8",
            headers=({"Origin": origin} if origin else {}) | headers,
        )

    return posted


@pytest.fixture
def page(post, website):
    """Messages of one page, all of them accepted."""

    def sent(*messages: dict[str, Any]) -> None:
        answer = post("batch", {"writeKey": website.key, "batch": list(messages)})
        assert answer.status_code == 200, answer.content
        assert answer.json() == {"success": True}

    return sent


@pytest.fixture
def program(client):
    """A message of a program with a secret key."""
    key = create_key(name="Server", scopes=["ingest"])[1]

    def sent(call: str, **body: Any) -> None:
        answer = client.post(
            f"/v1/{call}", {"writeKey": key, **body}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.content

    return sent


def visit(message_id: str, anonymous_id: str = "x", **values: Any) -> dict[str, Any]:
    return {"type": "page", "messageId": message_id, "anonymousId": anonymous_id, **values}


def identify(anonymous_id: str = "x", user_id: str = "", **traits: Any) -> dict[str, Any]:
    named = {"userId": user_id} if user_id else {}
    return {"type": "identify", "anonymousId": anonymous_id, **named, "traits": traits}


def people() -> list[tuple[str, str, str]]:
    return list(Contact.objects.order_by("pk").values_list("external_id", "email", "city"))


def problems() -> set[tuple[str, str]]:
    return set(IngestProblem.objects.values_list("path", "code"))


def test_a_page_of_an_allowed_origin_sends_and_may_read_the_answer(post, website):
    answer = post("page", {"writeKey": website.key, **visit("1")})

    assert (answer.status_code, answer.headers[READABLE]) == (200, SHOP)
    assert "Origin" in answer.headers["Vary"]
    assert Event.objects.get().type.key == "Page_visit"
    website.refresh_from_db()
    assert (website.last_origin, website.refused) == (SHOP, 0)
    assert website.last_sent_at is not None


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://shop.example", "x" * 1_000])
def test_a_page_from_elsewhere_is_refused_counted_and_reads_nothing(post, website, origin):
    for _ in range(2):
        answer = post("page", {"writeKey": website.key, **visit("1")}, origin=origin)

    assert answer.status_code == 403
    assert READABLE not in answer.headers
    website.refresh_from_db()
    assert (website.refused, website.refused_origin) == (2, origin[:300])
    assert website.refused_at is not None
    assert website.last_sent_at is None
    assert not Event.objects.exists()


def test_a_program_is_told_that_the_public_key_is_not_for_it(post, website):
    answer = post("page", {"writeKey": website.key, **visit("1")}, origin="")

    assert answer.status_code == 403
    assert "Programs need an API key" in answer.json()["message"]


def test_a_revoked_website_sends_no_more_and_its_pages_learn_it(post, website):
    assert revoke_website(website=website, now=current_time())
    assert not revoke_website(website=website, now=current_time())

    answer = post("page", {"writeKey": website.key, **visit("1")})

    assert (answer.status_code, answer.headers[READABLE]) == (401, SHOP)
    assert "WWW-Authenticate" not in answer.headers  # a browser would ask for a password
    assert not Event.objects.exists()


def test_the_public_key_opens_nothing_else(client, website):
    for path in ("/api/v1/status", "/api/v1/contacts", "/api/v1/events"):
        answer = client.get(path, headers={"Authorization": f"Bearer {website.key}"})
        assert answer.status_code == 401
        assert "only to /v1/" in answer.json()["detail"]


def test_a_secret_key_in_a_page_reads_no_answer(client, website):
    key = create_key(name="Server", scopes=["ingest"])[1]
    answer = client.post(
        "/v1/page",
        {"writeKey": key, **visit("1")},
        content_type="application/json",
        headers={"Origin": SHOP},
    )

    assert answer.status_code == 200
    assert READABLE not in answer.headers


@pytest.mark.parametrize(("origin", "is_let_in"), [(SHOP, True), (ELSEWHERE, False)])
def test_a_browser_that_asks_beforehand_is_answered_for_the_origins_of_all_websites(
    client, website, origin, is_let_in
):
    answer = client.options("/v1/batch", headers={"Origin": origin})

    assert answer.status_code == 204
    assert "Origin" in answer.headers["Vary"]
    assert (answer.headers.get(READABLE) == origin) == is_let_in
    assert ("Access-Control-Max-Age" in answer.headers) == is_let_in
    revoke_website(website=website, now=current_time())
    assert READABLE not in client.options("/v1/batch", headers={"Origin": origin}).headers


def test_the_key_may_also_be_sent_as_by_the_libraries(post, website):
    answer = post("page", visit("1"), Authorization=f"Bearer {website.key}")

    assert (answer.status_code, answer.headers[READABLE]) == (200, SHOP)


def test_what_is_too_much_for_a_page_is_refused_with_its_limit(post, website):
    many = [visit(str(n)) for n in range(MOST_MESSAGES + 1)]
    long = visit("1", properties={"text": "x" * MOST_BYTES})
    answers = [post("batch", {"writeKey": website.key, "batch": one}) for one in (many, [long])]

    assert [answer.status_code for answer in answers] == [400, 413]
    assert all(answer.headers[READABLE] == SHOP for answer in answers)
    assert not Event.objects.exists()


def test_visits_and_then_identify_are_one_contact_with_the_whole_history(page):
    page(visit("1"), visit("2"))
    page(identify(user_id="u1", email="a@b.c"), visit("3", userId="u1"), visit("2"))

    assert people() == [("u1", "a@b.c", "")]
    assert set(Event.objects.values_list("message_id", flat=True)) == {"1", "2", "3"}
    assert problems() == set()


def test_an_email_that_was_typed_before_signing_in_comes_along(page):
    page(visit("1"), identify(email="a@b.c"))
    page(identify(user_id="u1", email="a@b.c"))

    assert people() == [("u1", "a@b.c", "")]
    assert problems() == set()


def test_who_is_known_already_gets_the_history_and_keeps_all_values(page, program):
    Field.objects.create(key="plan", label="Plan", type="text")
    traits = {"email": "a@b.c", "city": "Oslo", "plan": "free"}
    program("identify", userId="u1", traits=traits)

    page(visit("1"), identify(city="Rome", plan="pro", firstName="Anna"))
    page(identify(user_id="u1", city="Rome", plan="pro", email="new@b.c"))
    page(identify(user_id="u1", city=None, plan=None, email=None, phone="1"))

    contact = Contact.objects.get()
    assert (contact.external_id, contact.email, contact.city) == ("u1", "a@b.c", "Oslo")
    assert (contact.first_name, contact.phone) == ("Anna", "1")
    assert contact.attributes == {"plan": "free"}
    assert Event.objects.get().contact == contact
    assert not Identity.objects.filter(value="new@b.c").exists()


def test_the_visitor_of_a_browser_changes_what_they_said_before(page):
    Field.objects.create(key="plan", label="Plan", type="text")
    page(identify(city="Oslo", email="typo@b.c", plan="a"))
    page(identify(city="Rome", email="right@b.c", plan=None))

    assert people() == [("", "right@b.c", "Rome")]
    assert Contact.objects.get().attributes == {}
    assert not Identity.objects.filter(value="typo@b.c").exists()


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("user_id", ["", "mallory"])
def test_somebody_elses_email_leads_to_nobody(page, program, is_new, user_id):
    """Not even when that contact has no external id that would tell them apart."""
    Contact.objects.create(email="victim@b.c", city="Oslo")
    Identity.objects.create(kind="email", value="victim@b.c", contact=Contact.objects.get())
    if not is_new:
        page(visit("1"))

    page(identify(user_id=user_id, email="Victim@b.c", city="Rome"), visit("2"))

    assert people() == [("", "victim@b.c", "Oslo"), (user_id, "", "Rome")]
    assert not Event.objects.filter(contact__email="victim@b.c").exists()
    assert problems() == {("identify traits.email", "identity_taken")}


def test_two_who_each_have_an_email_stay_two(page, program):
    program("identify", userId="u1", traits={"email": "a@b.c"})
    page(identify(email="other@b.c"), visit("1"))

    page(identify(user_id="u1"), visit("2", userId="u1"), visit("3"))

    assert people() == [("u1", "a@b.c", ""), ("", "other@b.c", "")]
    owners = Event.objects.order_by("message_id").values_list("contact__email", flat=True)
    assert list(owners) == ["other@b.c", "a@b.c", "other@b.c"]


def test_a_browser_of_one_user_never_becomes_anothers(page):
    page(identify(user_id="u1", city="Oslo"))
    page(identify(user_id="u2", city="Rome"), visit("1", userId="u2"), visit("2"))

    assert people() == [("u1", "", "Oslo"), ("u2", "", "Rome")]
    owners = Event.objects.order_by("message_id").values_list("contact__external_id", flat=True)
    assert list(owners) == ["u2", "u1"]


def test_pages_define_no_fields_and_fill_in_only_those_they_may(page):
    Field.objects.create(key="plan", label="Plan", type="text")
    Field.objects.create(key="Status_VIP", label="VIP", type="text")

    page(identify(plan="pro", Status_VIP="Gold", odd=1, gone=None))

    assert Contact.objects.get().attributes == {"plan": "pro"}
    assert set(Field.objects.values_list("key", flat=True)) == {"plan", "Status_VIP"}
    assert problems() == {
        ("identify traits.Status_VIP", "not_from_pages"),
        ("identify traits.odd", "not_from_pages"),
    }


@pytest.mark.parametrize("event", ["MailOpen", "unsubscribe", "Score_changed"])
def test_events_that_programs_report_come_from_no_page(post, website, event):
    make_type("Score_changed", origin="system")
    message = {"type": "track", "anonymousId": "x", "event": event}

    answer = post("batch", {"writeKey": website.key, "batch": [message]})

    assert answer.status_code == 400
    assert "reported by programs" in answer.json()["message"]
    assert not Event.objects.exists()
    assert not Contact.objects.exists()
    assert problems() == {("message.event", "not_from_pages")}


@pytest.mark.parametrize("kind", ["alias", "group", "screen"])
def test_what_is_not_for_pages_is_refused_and_the_rest_is_stored(page, kind):
    page({"type": kind, "userId": "u1", "previousId": "u2", "traits": {"a": 1}}, visit("1"))

    assert Event.objects.count() == 1
    assert people() == [("", "", "")]
    assert problems() == {("message.type", "not_from_pages")}


def test_pages_register_event_types_but_not_without_end(page, post, website):
    EventType.objects.bulk_create(EventType(key=f"t{n}") for n in range(MOST_TYPES - 1))
    track = {"type": "track", "anonymousId": "x"}

    page({**track, "event": "Signup"}, {**track, "event": "One too many"}, visit("1"))

    assert set(Event.objects.values_list("type__key", flat=True)) == {"Signup", "Page_visit"}
    assert problems() == {("message.event", "too_many_event_types")}


def test_making_a_website_registers_its_visits_once(settings):
    settings.EVENT_TYPES_STRICT = True
    assert register_visits() == register_visits()
    assert str(EventType.objects.get()) == "Page visit"


def test_what_visits_carry_is_discovered(page):
    page(visit("1", properties={"url": f"{SHOP}/pricing", "utm_source": "mail"}))

    assert set(EventType.objects.get().attributes) == {"url", "utm_source"}


def test_a_key_with_what_no_text_has_is_nobodys(post):
    assert post("page", {"writeKey": "sfp_\0", **visit("1")}).status_code == 401
    assert post("page", {"writeKey": "sfp_\ud800", **visit("1")}).status_code == 401
    assert not Website.objects.exists()


def test_an_origin_with_odd_letters_is_counted(post, website):
    answer = post("page", {"writeKey": website.key, **visit("1")}, origin="https://\x01é")

    assert answer.status_code == 403
    assert Website.objects.get().refused == 1


class TestScript:
    def test_it_is_small_and_kept_and_any_page_may_load_it(self, client):
        answer = client.get("/t.js", headers={"Accept-Encoding": "gzip, br"})

        assert len(answer.content) < 3_072
        assert b"sendBeacon" in gzip.decompress(answer.content)
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers[READABLE] == "*"
        assert "max-age=3600" in answer.headers["Cache-Control"]
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers

    def test_who_has_it_already_is_told_so(self, client):
        first = client.get("/t.js")
        again = client.get("/t.js", headers={"If-None-Match": first.headers["ETag"]})
        small = client.get("/t.js", headers={"Accept-Encoding": "gzip"})

        assert (again.status_code, again.content) == (304, b"")
        assert small.headers["ETag"] != first.headers["ETag"]
        assert gzip.decompress(small.content) == first.content

    def test_it_needs_no_database(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client.get("/t.js").status_code == 200

    def test_it_is_only_read(self, client):
        assert client.post("/t.js").status_code == 405
