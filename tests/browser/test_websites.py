"""Pages of another site with a strict policy, in a browser: what they send is who did what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from contacts.models import Contact
from events.models import Event
from events.tracking.pages import register_visits
from segmentflow.api.websites import create_website
from segmentflow.clock import current_time
from segmentflow.models import User, Website
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Membership
from segments.tests.made import make_segment
from tests.browser.building import sign_in
from tests.browser.chromium import PATIENCE_MS

pytestmark = pytest.mark.django_db(transaction=True)

PRICING = {
    "kind": "group",
    "match": "all",
    "children": [
        {
            "kind": "event",
            "event": "Page_visit",
            "operator": "at_least",
            "value": 2,
            "where": {
                "kind": "group",
                "match": "all",
                "children": [
                    {
                        "kind": "attribute",
                        "attribute": "path",
                        "type": "text",
                        "operator": "equals",
                        "value": "/pricing",
                    }
                ],
            },
        }
    ],
}
OWN_SCRIPT = """
window.segmentflow = window.segmentflow || []
segmentflow.push(["track", "Loaded", { page: location.pathname }])
"""


class Site:
    """Another origin, whose pages may run and reach only what their policy names."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.attributes = ""
        """Of the script, besides its key."""
        self.key = ""
        self.head = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *values: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=partial(self.server.serve_forever, 0.05))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        is_script = request.path == "/own.js"
        body = OWN_SCRIPT if is_script else self.page(request.path)
        request.send_response(200)
        kind = "text/javascript" if is_script else "text/html; charset=utf-8"
        request.send_header("Content-Type", kind)
        policy = (
            f"default-src 'none'; script-src 'self' {self.app}; connect-src {self.app}; img-src data:;"
            " require-trusted-types-for 'script'"
        )
        request.send_header("Content-Security-Policy", policy)
        request.end_headers()
        request.wfile.write(body.encode())

    def page(self, path: str) -> str:
        title = path.partition("?")[0].strip("/").title() or "Start"
        script = (
            f'<script async src="{self.app}/t.js" data-key="{self.key}" {self.attributes}></script>'
        )
        return (
            f"<!doctype html><html lang=en><head><link rel=icon href=data:,>{self.head}{script}"
            f"<title>{title}</title></head><body><a href=/pricing>Pricing</a></body></html>"
        )

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site(live_server: Any) -> Iterator[Site]:
    site = Site(live_server.url)
    website = create_website(name="Shop", origins=[site.url], fields=[])
    site.key = website.key
    register_visits()
    yield site
    site.stop()


class Visitor:
    """Somebody at a page of the site; `answers` are those of SegmentFlow."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.sent: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/v1/" in request.url:
            self.sent.append(request.url)

    def opens(self, path: str = "/") -> None:
        self.page.goto(self.site.url + path)
        self.page.wait_for_function("window.segmentflow && !Array.isArray(segmentflow)")

    def does(self, code: str) -> Any:
        """What the site's own scripts do; an evaluation of the browser's tools obeys no policy."""
        return self.page.evaluate(code)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Waits for the server, whose answers take their time."""
        for _ in range(PATIENCE_MS // 50):
            if is_so():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"it never was so; stored are {stored()}")

    def until_all_is_sent(self) -> None:
        """Nothing waits in the browser any more."""
        self.page.wait_for_function(WAITING, arg=False)


WAITING = """(wanted) => Object.keys(localStorage).some((name) =>
    name.startsWith("segmentflow.queue.")) === wanted"""


@pytest.fixture
def visitor(new_page: Callable[..., Page], site: Site) -> Visitor:
    return Visitor(new_page(), site)


def stored() -> list[tuple[str, str]]:
    """Types of events with their paths or pages, sorted.

    Not by time: much happens within one millisecond.
    """
    events = Event.objects.select_related("type")
    return sorted(
        (event.type.key, event.attributes.get("path") or event.attributes.get("page", ""))
        for event in events
    )


def visits() -> list[str]:
    return [path for type_, path in stored() if type_ == "Page_visit"]


def test_visits_then_identify_are_one_contact_with_its_history_in_the_right_segment(
    visitor: Visitor,
):
    make_segment("interested", PRICING)
    visitor.opens("/?utm_source=mail&utm_campaign=spring")
    visitor.until(lambda: len(visits()) == 1)
    visitor.page.get_by_role("link", name="Pricing").click()
    visitor.until(lambda: visits() == ["/", "/pricing"])
    settle(now=current_time())
    assert not Membership.objects.exists()

    visitor.opens("/pricing")
    visitor.does("segmentflow.identify('u1', { email: 'anna@example.com', firstName: 'Anna' })")
    visitor.does("segmentflow.track('Signup', { page: 'end' })")

    visitor.until(lambda: ("Signup", "end") in stored())
    visitor.until_all_is_sent()
    contact = Contact.objects.get()
    assert (contact.external_id, contact.email) == ("u1", "anna@example.com")
    assert visits() == ["/", "/pricing", "/pricing"]
    first, second, _, _ = Event.objects.order_by("occurred_at").values_list("attributes", flat=True)
    assert first == {
        "url": f"{visitor.site.url}/?utm_source=mail&utm_campaign=spring",
        "path": "/",
        "title": "Start",
        "search": "?utm_source=mail&utm_campaign=spring",
        "utm_source": "mail",
        "utm_campaign": "spring",
    }
    assert second["title"] == "Pricing"
    assert second["referrer"] == first["url"]
    settle(now=current_time())
    members = Membership.objects.values_list("segment__key", "contact__external_id")
    assert list(members) == [("interested", "u1")]
    assert check(now=current_time()) == []


def test_pages_that_change_without_loading_are_visits_once_for_each_address(visitor: Visitor):
    visitor.opens()
    visitor.does(
        """() => {
            history.pushState({}, "", "/a");
            document.title = "A";
            history.replaceState({}, "", "/a#part");
        }"""
    )
    visitor.until(lambda: visits() == ["/", "/a"])
    visitor.does(
        """() => {
            history.pushState({}, "", "/b?x=1");
            history.replaceState({ again: true }, "", "/b?x=1");
        }"""
    )
    visitor.until(lambda: visits() == ["/", "/a", "/b"])
    visitor.page.go_back()
    visitor.page.go_back()

    visitor.until(lambda: visits() == ["/", "/", "/a", "/a", "/b"])
    a = Event.objects.filter(attributes__path="/a").order_by("occurred_at")[0].attributes
    assert (a["title"], a["referrer"]) == ("A", f"{visitor.site.url}/")


def test_what_is_tracked_while_leaving_the_page_arrives_once(visitor: Visitor):
    visitor.opens()
    visitor.until(lambda: len(visits()) == 1)
    visitor.does("() => { segmentflow.track('Left', { page: 'x' }); location.href = '/pricing'; }")

    visitor.until(lambda: len(stored()) == 3)
    visitor.until_all_is_sent()
    assert stored() == [("Left", "x"), ("Page_visit", "/"), ("Page_visit", "/pricing")]
    assert Contact.objects.count() == 1


def test_what_was_called_before_the_script_came_is_kept(visitor: Visitor):
    visitor.site.head = "<script src=/own.js></script>"
    visitor.opens("/pricing")

    visitor.until(lambda: sorted(stored()) == [("Loaded", "/pricing"), ("Page_visit", "/pricing")])


@pytest.mark.parametrize("signal", ["doNotTrack", "globalPrivacyControl"])
def test_who_does_not_want_to_be_tracked_is_not(new_page, site: Site, signal: str):
    value = "'1'" if signal == "doNotTrack" else "true"
    page = new_page()
    page.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{ value: {value} }})")
    visitor = Visitor(page, site)
    visitor.opens()
    visitor.does("segmentflow.consent(true); segmentflow.track('X')")
    assert visitor.does("segmentflow.anonymousId()") is None

    site.attributes = "data-dnt=ignore"
    visitor.opens("/pricing")

    visitor.until(lambda: visits() == ["/pricing"])
    assert stored() == [("Page_visit", "/pricing")]


def test_without_consent_nothing_is_sent_or_stored_and_afterwards_all_is(visitor: Visitor):
    visitor.site.attributes = "data-consent=required"
    visitor.opens()
    visitor.does("segmentflow.track('Before')")
    visitor.opens("/pricing")
    visitor.does("segmentflow.identify('u1')")
    visitor.does("segmentflow.track('Seen')")
    assert visitor.does("[localStorage.length, document.cookie, segmentflow.anonymousId()]") == [
        0,
        "",
        None,
    ]

    visitor.does("segmentflow.consent(true)")

    visitor.until(lambda: sorted(stored()) == [("Page_visit", "/pricing"), ("Seen", "")])
    visitor.until_all_is_sent()
    before = len(visitor.sent)
    visitor.opens("/later")
    visitor.until(lambda: "/later" in visits())
    assert Contact.objects.get().external_id == "u1"
    assert before == 1

    visitor.does("segmentflow.consent(false)")
    visitor.does("segmentflow.track('After')")
    visitor.opens("/never")
    assert visitor.does("Object.entries(localStorage)") == [["segmentflow.consent", "no"]]
    visitor.does("segmentflow.consent(true)")
    visitor.opens("/new")
    visitor.until(lambda: "/new" in visits())
    assert "/never" not in visits()
    assert ("After", "") not in stored()
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["", "u1"]


def test_pages_of_another_origin_are_refused(new_page, site: Site):
    Website.objects.update(origins=["https://www.example.com"])
    visitor = Visitor(new_page(expected=["403", "CORS", "Access-Control", "ERR_FAILED"]), site)
    visitor.opens()

    visitor.until(lambda: Website.objects.get().refused > 0)
    assert Website.objects.get().refused_origin == site.url
    assert stored() == []


def test_what_happened_offline_arrives_afterwards_once_and_in_its_order(new_page, site: Site):
    page = new_page(expected=["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"])
    visitor = Visitor(page, site)
    visitor.opens()
    visitor.until(lambda: len(visits()) == 1)
    visitor.until_all_is_sent()
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        visitor.does("segmentflow.track('One', { page: '1' })")
    visitor.does("segmentflow.track('Two', { page: '2' })")

    page.context.set_offline(False)

    visitor.until(lambda: stored() == [("One", "1"), ("Page_visit", "/"), ("Two", "2")])
    visitor.until_all_is_sent()


def test_what_could_not_be_sent_is_sent_by_the_next_page(new_page, site: Site):
    page = new_page(expected=["ERR_", "Failed to load"])
    visitor = Visitor(page, site)
    page.route("**/v1/**", lambda route: route.abort())
    visitor.opens()
    visitor.does("segmentflow.track('One', { page: '1' })")
    page.wait_for_function(WAITING, arg=True)
    page.goto("about:blank")
    page.unroute("**/v1/**")

    visitor.opens("/pricing")

    visitor.until_all_is_sent()
    visitor.until(
        lambda: stored() == [("One", "1"), ("Page_visit", "/"), ("Page_visit", "/pricing")]
    )
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("cookies", [True, False])
def test_without_storage_visits_arrive_nevertheless(new_page, site: Site, cookies: bool):  # noqa: FBT001 - a case
    page = new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked') } })"
    )
    if not cookies:
        page.add_init_script(
            "Object.defineProperty(document, 'cookie', { get: () => '', set() {} })"
        )
    visitor = Visitor(page, site)
    visitor.opens()
    visitor.does("segmentflow.track('One')")
    visitor.until(lambda: len(stored()) == 2)
    visitor.opens("/pricing")
    visitor.until(lambda: len(stored()) == 3)

    assert Contact.objects.count() == (1 if cookies else 2)


def test_another_user_of_the_browser_is_another_contact(visitor: Visitor):
    visitor.opens()
    visitor.does("segmentflow.identify('u1'); segmentflow.identify('u2')")
    visitor.does("segmentflow.track('Own', { page: '2' }); segmentflow.reset()")
    visitor.does("segmentflow.track('Own', { page: '3' })")

    visitor.until(lambda: len(stored()) == 3)
    owners = Event.objects.values_list("attributes__page", "contact__external_id")
    assert dict(owners) == {None: "u1", "2": "u2", "3": ""}


def test_nothing_that_a_page_calls_wrongly_harms_it(visitor: Visitor):
    visitor.opens()
    visitor.does(
        """() => {
            const round = {};
            round.round = round;
            segmentflow.track("Round", round);
            segmentflow.track("Big", { n: 1n });
            segmentflow.identify();
            segmentflow.push(["nothing"], null, []);
            segmentflow.track("Fine", { page: "x" });
        }"""
    )

    visitor.until(lambda: ("Fine", "x") in stored())
    visitor.until_all_is_sent()
    assert sorted(stored()) == [("Fine", "x"), ("Page_visit", "/")]
    own = visitor.does("Object.keys(window).filter((name) => /segment|flow/i.test(name))")
    assert own == ["segmentflow"]


def test_only_what_is_called_is_sent_when_the_site_says_so(visitor: Visitor):
    visitor.site.attributes = "data-auto=off"
    visitor.opens("/pricing")
    visitor.does("history.pushState({}, '', '/a')")
    visitor.does("segmentflow.page('Plans', { plan: 'pro' })")

    visitor.until(lambda: len(stored()) == 1)
    visitor.until_all_is_sent()
    attributes = Event.objects.get().attributes
    assert (attributes["name"], attributes["plan"], attributes["path"]) == ("Plans", "pro", "/a")


def test_a_page_that_comes_back_as_it_was_is_a_visit(visitor: Visitor):
    visitor.opens()
    visitor.until(lambda: visits() == ["/"])
    visitor.does(
        "() => { dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })) }"
    )

    visitor.until(lambda: visits() == ["/", "/"])


def test_a_page_that_is_rendered_in_advance_is_a_visit_once_it_is_shown(
    new_page: Callable[..., Page], site: Site
):
    page = new_page()
    page.add_init_script(
        "window.isAhead = true;"
        " Object.defineProperty(document, 'prerendering', { get: () => window.isAhead })"
    )
    visitor = Visitor(page, site)
    visitor.opens()
    visitor.does("segmentflow.track('Early')")
    assert visitor.sent == []

    visitor.does(
        "() => { isAhead = false; document.dispatchEvent(new Event('prerenderingchange')) }"
    )

    visitor.until(lambda: stored() == [("Early", ""), ("Page_visit", "/")])


def test_the_light_in_the_settings_turns_green(
    new_page: Callable[..., Page], live_server: Any, ada: User, site: Site
):
    settings = new_page()
    sign_in(settings.context, live_server.url, ada)
    settings.goto(f"{live_server.url}/settings/websites/{Website.objects.get().pk}")
    light = settings.locator("#state").get_by_role("status").first
    expect(light).to_contain_text("Waiting for the first visit")

    Visitor(new_page(), site).opens()

    expect(light).to_contain_text("Visits arrive")
    settings.get_by_role("link", name="live feed").click()
    expect(settings.locator(".event dd").first).to_have_text("Start")
