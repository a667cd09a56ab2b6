"""Push messages, from a page of another site: agreed to, sent, shown and followed.

Browsers here have no push service of their own, so the page's PushManager gives the address of one
on this machine; what that was sent is read with the browser's keys, and handed to the worker.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Worker

from campaigns.channels.handing import Outcome, Push
from campaigns.channels.ways import carrier_for, set_way
from campaigns.push.addresses import browsers_of
from campaigns.push.models import PushAddress
from campaigns.push.tests.made import MadeBrowser, PushService
from campaigns.push.vapid import public_key
from campaigns.tracking.links import TrackedLinks
from campaigns.tracking.tests.made import make_campaign, make_message
from contacts.consents import consents_of
from contacts.models import Contact
from events.models import Event
from segmentflow.api.websites import create_website
from segmentflow.clock import current_time
from tests.browser.chromium import PATIENCE_MS

pytestmark = pytest.mark.django_db(transaction=True)

STUB = """(made) => {
    let current = null;
    class Subscription {
        constructor(values, options) { Object.assign(this, values); this.options = options; }
        toJSON() { const { endpoint, keys } = this; return { endpoint, expirationTime: null, keys }; }
        async unsubscribe() { current = null; return true; }
    }
    PushManager.prototype.getSubscription = async () => current;
    PushManager.prototype.subscribe = async (options) => {
        window.asked = options;
        return current = new Subscription(made, { applicationServerKey: options.applicationServerKey.buffer });
    };
}"""


class Site:
    """Another origin, with its own service worker of one line, and a policy that allows no more."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.key = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *values: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=partial(self.server.serve_forever, 0.05))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        is_worker = request.path == "/segmentflow-worker.js"
        body = (
            f'importScripts("{self.app}/push-worker.js")' if is_worker else self._page(request.path)
        )
        kind = "text/javascript" if is_worker else "text/html; charset=utf-8"
        request.send_response(200)
        request.send_header("Content-Type", kind)
        policy = (
            f"default-src 'none'; script-src 'self' {self.app}; connect-src {self.app};"
            " img-src data:; worker-src 'self'"
        )
        request.send_header("Content-Security-Policy", policy)
        request.end_headers()
        request.wfile.write(body.encode())

    def _page(self, path: str) -> str:
        """Only the first one has our lines, so that nothing is on its way when a test ends."""
        scripts = "".join(
            f'<script async src="{self.app}/{name}" data-key="{self.key}"></script>'
            for name in (("push.js", "t.js") if path == "/" else ())
        )
        return (
            f"<!doctype html><html lang=en><head><link rel=icon href=data:,>{scripts}"
            "<title>Shop</title></head><body><h1>Shop</h1></body></html>"
        )

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> Iterator[Site]:
    settings.PUBLIC_URL = live_server.url
    settings.PUSH_ALLOW_PRIVATE = True
    site = Site(live_server.url)
    site.key = create_website(name="Shop", origins=[site.url]).key
    yield site
    site.stop()


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


class Visitor:
    def __init__(self, page: Page, site: Site, browser: MadeBrowser) -> None:
        self.page = page
        self.site = site
        self.browser = browser
        page.context.grant_permissions(["notifications"], origin=site.url)
        page.add_init_script(f"({STUB})({json.dumps(browser.subscription)})")

    def opens(self) -> None:
        self.page.goto(self.site.url)
        self.page.wait_for_function("!!window.segmentflow?.push?.subscribe")

    def does(self, code: str) -> Any:
        return self.page.evaluate(code)

    def until_all_is_sent(self) -> None:
        self.page.wait_for_function(
            "!Object.keys(localStorage).some((name) => name.startsWith('segmentflow.queue.'))"
        )

    @property
    def worker(self) -> Worker:
        [worker] = self.page.context.service_workers
        return worker

    def until(self, is_so: Callable[[], object]) -> None:
        for _ in range(PATIENCE_MS // 50):
            if is_so():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("it never was so")


def deliver(page: Page, site: Site, message: dict[str, Any]) -> CDPSession:
    """As the browser's push service would: to the service worker of the site."""
    tools = page.context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(
            one["registrationId"]
            for one in told["registrations"]
            if one["scopeURL"].startswith(site.url)
        ),
    )
    tools.send("ServiceWorker.enable")
    for _ in range(PATIENCE_MS // 50):
        if found:
            break
        page.wait_for_timeout(50)
    values = {"origin": site.url, "registrationId": found[0], "data": json.dumps(message)}
    tools.send("ServiceWorker.deliverPushMessage", values)
    return tools


SHOWN = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration.getNotifications()).map(({ title, body, data }) => ({ title, body, data }));
}"""


TOLD = """(user) =>
    (JSON.parse(JSON.parse(localStorage["segmentflow.push"]).who).userId ?? null) === user"""
FOLLOWED = """async () => {
    const [notification] = await registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification });
    const opened = [];
    // Only a real click opens windows, and only the browser's own events wait.
    self.clients.openWindow = async (url) => opened.push(url);
    event.waitUntil = () => {};
    self.dispatchEvent(event);
    return [opened, (await registration.getNotifications()).length];
}"""
MOVED = """async (made) => {
    const event = new ExtendableEvent("pushsubscriptionchange");
    const done = [];
    event.newSubscription = { ...made, toJSON: () => made };
    event.waitUntil = (promise) => done.push(promise);
    self.dispatchEvent(event);
    await Promise.all(done);
}"""


def test_a_visitor_agrees_gets_a_message_and_follows_it(new_page, site: Site, service: PushService):
    visitor = Visitor(new_page(), site, service.browser("own"))
    visitor.opens()
    assert visitor.does("segmentflow.push.state()") == "unsubscribed"
    visitor.does("segmentflow.identify('u1', { firstName: 'Anna' })")

    assert visitor.does("segmentflow.push.subscribe()") == "subscribed"

    contact = Contact.objects.get(external_id="u1")
    assert consents_of([contact.pk])[contact.pk]["push"].subscribed
    assert "Chrome" in PushAddress.objects.get().agent
    used = visitor.does("btoa(String.fromCharCode(...window.asked.applicationServerKey))")
    own = public_key(now=current_time()).replace("-", "+").replace("_", "/")
    assert used.rstrip("=") == own
    assert visitor.does("segmentflow.push.state()") == "subscribed"

    key = make_message(make_campaign("push"), contact)
    url = TrackedLinks().click(key, f"{site.url}/sale")
    way = set_way(
        channel="push", adapter="webpush", raw={"contact": "a@example.com"}, now=current_time()
    )
    message = Push(key, "u1", browsers_of([contact.pk])[contact.pk], "Sale", "Only today", url)
    with carrier_for("push", way=way, clock=current_time) as carrier:
        assert carrier.hand(message).outcome == Outcome.ACCEPTED
    deliver(visitor.page, site, visitor.browser.reads(service.taken[0].body))

    visitor.until(lambda: visitor.does(SHOWN))
    assert visitor.does(SHOWN) == [
        {"title": "Sale", "body": "Only today", "data": {"segmentflow": {"url": url}}}
    ]
    assert visitor.worker.evaluate(FOLLOWED) == [[url], 0]
    visitor.until_all_is_sent()
    visitor.page.goto(url)
    assert visitor.page.url == f"{site.url}/sale"
    assert Event.objects.get(type__key="PushClick").contact_id == contact.pk


def test_a_browser_follows_who_uses_it_and_can_leave(new_page, site: Site, service: PushService):
    visitor = Visitor(new_page(), site, service.browser("own"))
    visitor.opens()
    visitor.does("segmentflow.push.subscribe()")

    visitor.does("segmentflow.identify('u1')")
    visitor.page.wait_for_function(TOLD, arg="u1")
    visitor.until(lambda: Contact.objects.filter(external_id="u1").exists())
    visitor.until(lambda: Contact.objects.count() == 1)
    user = Contact.objects.get(external_id="u1").pk
    visitor.until(lambda: PushAddress.objects.get().contact_id == user)
    assert consents_of([user])[user]["push"].subscribed

    visitor.does("segmentflow.reset()")
    visitor.page.wait_for_function(TOLD, arg=None)
    visitor.until(lambda: PushAddress.objects.get().contact_id != user)
    other = PushAddress.objects.get().contact_id
    assert consents_of([other]) == {}

    visitor.does("segmentflow.identify('u1')")
    visitor.page.wait_for_function(TOLD, arg="u1")
    visitor.until(lambda: PushAddress.objects.get().contact_id == user)
    visitor.worker.evaluate(MOVED, service.browser("moved").subscription)
    [address] = PushAddress.objects.all()
    assert (address.endpoint, address.contact_id) == (f"{service.url}/moved", user)
    visitor.worker.evaluate(MOVED, visitor.browser.subscription)
    assert visitor.does("segmentflow.push.unsubscribe()") == "unsubscribed"
    assert not PushAddress.objects.exists()
    assert not consents_of([user])[user]["push"].subscribed
    assert visitor.does("segmentflow.push.state()") == "unsubscribed"
    visitor.until_all_is_sent()
