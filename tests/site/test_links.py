"""Whatever a page offers can be opened: each role follows every link it sees."""

from __future__ import annotations

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction

from segmentflow.clock import current_time
from segmentflow.roles import RIGHTS
from tests.site.world import make_person, make_world

pytestmark = pytest.mark.django_db
MOST = 600
"""Pages opened for one role at most; each address counts once for each set of parameters."""

OPENED_BY_A_BUTTON = ("/sign-out", "/theme")


class Links(HTMLParser):
    """Addresses that a page leads to by links, and those that its forms post to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.posted: set[str] = set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.found.add(given["href"])
        for name in ("hx-get",):
            if given.get(name):
                self.found.add(given[name])
        if tag == "form" and given.get("action"):
            (self.posted if given.get("method") == "post" else self.found).add(given["action"])


def links_of(response, path) -> Links:
    parser = Links()
    parser.feed(response.content.decode())
    for group in (parser.found, parser.posted):
        whole = {urljoin(path, link) for link in group}
        group.clear()
        group.update(link for link in whole if not urlsplit(link).netloc and link.startswith("/"))
    return parser


def shape(link: str) -> str:
    """Enough of an address to tell pages apart, so that calendars and pagers end."""
    parts = urlsplit(link)
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    return f"{parts.path}?{','.join(names)}"


def walk(client, start: str):
    """Every page that can be reached, with the page that led there."""
    waiting = deque([(start, "the beginning")])
    seen = {shape(start)}
    while waiting and len(seen) < MOST:
        path, origin = waiting.popleft()
        response = client.get(path)
        yield path, origin, response
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            continue
        if response.status_code in (301, 302):
            found = {response.headers["Location"]}
        else:
            found = links_of(response, path).found
        for link in sorted(found):
            address = link.partition("#")[0]
            if address.startswith(("/static/", "/api/")) or shape(address) in seen:
                continue
            seen.add(shape(address))
            waiting.append((address, path))


@pytest.mark.parametrize("role", RIGHTS)
def test_no_link_is_dead_and_none_leads_where_one_may_not_go(client, role):
    make_world(now=current_time())
    client.force_login(make_person(role))
    reached = []

    for path, origin, response in walk(client, "/"):
        reached.append(path)
        assert response.status_code in (200, 302), (
            f"{role}: {origin} leads to {path}, which answers {response.status_code}"
        )

    assert len(reached) < MOST
    for expected in ("/", "/segments", "/contacts", "/events"):
        assert expected in reached


def test_who_has_no_role_meets_no_dead_link(client):
    client.force_login(make_person(""))

    for path, origin, response in walk(client, "/"):
        assert response.status_code in (200, 302), (origin, path, response.status_code)


@pytest.mark.parametrize("role", RIGHTS)
def test_every_button_that_is_shown_may_be_pressed(client, role):
    """Each form is sent empty: it is done, or its data refused, but never the person."""
    make_world(now=current_time())
    client.force_login(make_person(role))
    posted = {
        form
        for path, _, response in walk(client, "/")
        if response.status_code == 200 and "text/html" in response.headers["Content-Type"]
        for form in links_of(response, path).posted
        if not path.startswith("/admin/")
    }

    for address in sorted(posted - set(OPENED_BY_A_BUTTON)):
        with transaction.atomic():
            response = client.post(address)
            transaction.set_rollback(True)
        assert response.status_code in (200, 302, 409, 422), (role, address, response.status_code)
