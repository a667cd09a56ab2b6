"""The builder as tests use it: what stands on its page, and waiting until it has answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page

from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.tests.made import enter
from segments.builder.drafts import open_draft
from segments.conditions.edit import without_ids
from segments.models import Segment
from segments.services import create_segment
from segments.tests.made import make_contact
from tests.worlds import register

Tree = dict[str, Any]

ROOT = "n1"
"""The id of the outermost group."""
REQUESTS = ".htmx-request:not(#others)"
COUNTING = "#result[aria-busy]"
IS_SAVED = """([before, requests]) =>
    document.querySelector("#revision").value !== before && !document.querySelector(requests)"""


DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 960}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


def group(*children: Tree, match: str = "all", **values: str) -> Tree:
    return {"kind": "group", "match": match, **values, "children": list(children)}


def tier(value: str) -> Tree:
    return {"kind": "field", "field": "Tier", "operator": "equals", "value": value}


def make_draft(tree: Tree, *, key: str = "draft") -> Segment:
    """A segment that is being built, in a world of three contacts."""
    now = current_time()
    register({"Tier": "text", "Points": "number", "Club": "boolean"}, ["Purchase", "Visit"])
    for name, value in (("anna", "Gold"), ("bert", "Silver"), ("cleo", "Gold")):
        make_contact(name, first_name=name.title(), attributes={"Tier": value, "Points": 7})
    return create_segment(
        key=key, name="Draft", definition=tree, status="draft", author=None, now=now
    )


def sign_in(context: BrowserContext, url: str, user: User) -> None:
    """Without the page that asks for a password: others test it."""
    let_all_be_well()
    client = Client()
    enter(client, user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def let_all_be_well() -> None:
    """As workers and a watcher would say, so that no page has a banner."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segmentflow_wakeup (name, begun_at) VALUES ('beat', now() + interval '1 hour')
            ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at
            """
        )
        cursor.execute(
            """
            INSERT INTO segmentflow_sighting (place, machine, version, seen_at, watched_at, report)
            SELECT 'here', 'here', '', later, later, '{}' FROM (SELECT now() + interval '1 hour') t (later)
            ON CONFLICT DO NOTHING
            """
        )


class Builder:
    """The builder of one segment on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str, key: str) -> None:
        self.page.goto(f"{url}/segments/{key}/builder")
        self.wait()

    @property
    def key(self) -> str:
        found = re.search(r"/segments/([^/]+)/builder", self.page.url)
        assert found, self.page.url
        return found[1]

    # What stands there

    @property
    def revision(self) -> int:
        return int(self.page.locator("#revision").input_value())

    @property
    def sentence(self) -> Locator:
        return self.page.locator("#sentence")

    @property
    def count(self) -> Locator:
        return self.page.locator(".result-size")

    @property
    def announced(self) -> Locator:
        return self.page.locator("#announce")

    @property
    def line(self) -> Locator:
        """Where what is dragged would land."""
        return self.page.locator(".drop-line")

    @property
    def publishing(self) -> Locator:
        return self.page.get_by_role("link", name="Publish…")

    def node(self, node_id: str) -> Locator:
        return self.page.locator(f"#node-{node_id}")

    def head(self, node_id: str) -> Locator:
        """Its own form, without those of the nodes within it."""
        return self.node(node_id).locator("> form")

    def control(self, node_id: str, name: str) -> Locator:
        """By its path within the condition, such as `window.amount`."""
        return self.head(node_id).locator(f'[name="c.{name}"]')

    def button(self, node_id: str, do: str) -> Locator:
        return self.head(node_id).locator(f'button[name="do"][value="{do}"]')

    def block(self, key: str) -> Locator:
        return self.page.locator(f'[data-block="{key}"] button')

    def children(self, group: str) -> list[str]:
        """Ids of the nodes right in a group."""
        return self._ids(f'[data-children="{group}"] > [data-node]')

    def ids(self) -> list[str]:
        """Of all nodes, from top to bottom."""
        return self._ids("#canvas [data-node]")

    def _ids(self, selector: str) -> list[str]:
        script = "(all) => all.map((element) => element.dataset.node)"
        found: list[str] = self.page.locator(selector).evaluate_all(script)
        return found

    def stored(self) -> Tree:
        """The draft as the server has it."""
        tree: Tree = without_ids(open_draft(segment=Segment.objects.get(key=self.key)).tree)
        return tree

    # Waiting

    @contextmanager
    def saved(self) -> Iterator[None]:
        """What is done within has been stored, and its answer is on the page."""
        before = str(self.revision)
        yield
        self.page.wait_for_function(IS_SAVED, arg=[before, REQUESTS])

    @contextmanager
    def added(self) -> Iterator[list[str]]:
        """Saved, and with the ids of what is new afterwards."""
        before: set[str] = set(self.ids())
        new: list[str] = []
        with self.saved():
            yield new
        new += [node_id for node_id in self.ids() if node_id not in before]

    def expect_stored(self, tree: Tree) -> None:
        """At the latest after a few seconds."""
        for _ in range(100):
            if self.stored() == tree:
                break
            self.page.wait_for_timeout(50)
        assert self.stored() == tree
        self.wait()

    def wait(self) -> None:
        """Nothing is being sent, and what was answered has been counted."""
        busy = f"{REQUESTS}, {COUNTING}"
        self.page.wait_for_function("(busy) => !document.querySelector(busy)", arg=busy)
