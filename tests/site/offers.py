"""What a page offers: where its links lead, and what its forms and buttons send."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client

MOST = 1000
"""Pages opened for one role at most; each address counts once for each set of parameters."""
SENDING = ("post", "put", "patch", "delete")

Sent = tuple[str, str]
"""A method and an address."""


@dataclass
class Form:
    method: str
    action: str
    may_be_sent: bool = False


@dataclass
class Offers(HTMLParser):
    path: str
    links: set[str] = field(default_factory=set)
    sent: set[Sent] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._forms: dict[str, Form] = {}
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._begin_form(given)
        elif tag == "a" and given.get("href"):
            self.links.add(given["href"])
        elif tag in ("button", "input") and is_pressed(tag, given):
            self._press(given)
        if given.get("hx-get"):
            self.links.add(given["hx-get"])
        for method in SENDING:
            if f"hx-{method}" in given:
                self.sent.add((method, given[f"hx-{method}"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _begin_form(self, given: dict[str, str]) -> None:
        method = given.get("method", "get").lower()
        self._open = Form(method, given.get("action", ""))
        self._forms[given.get("id") or f"form {len(self._forms)}"] = self._open

    def _press(self, given: dict[str, str]) -> None:
        form = self._forms.get(given["form"]) if "form" in given else self._open
        if "formaction" in given:
            method = given.get("formmethod") or (form.method if form else "post")
            self._add(method.lower(), given["formaction"])
        elif form is not None:
            form.may_be_sent = True

    def _add(self, method: str, address: str) -> None:
        if method == "get":
            self.links.add(address)
        elif method in SENDING:
            self.sent.add((method, address))

    def close(self) -> None:
        super().close()
        for form in self._forms.values():
            if form.may_be_sent or form.method == "get":
                self._add(form.method, form.action)
        self.links = {link for link in map(self._whole, self.links) if link}
        self.sent = {(method, whole) for method, one in self.sent if (whole := self._whole(one))}

    def _whole(self, link: str) -> str:
        """With the host and the path left out it is this page's; of another site: nothing."""
        whole = urljoin(self.path, link.partition("#")[0]) or self.path
        return whole if whole.startswith("/") and not urlsplit(whole).netloc else ""


def is_pressed(tag: str, given: dict[str, str]) -> bool:
    usual = "submit" if tag == "button" else "text"
    return given.get("type", usual) in ("submit", "image") and "disabled" not in given


def offers_of(response: Any, path: str) -> Offers:
    found = Offers(path)
    if response.status_code in (301, 302):
        found.links.add(urljoin(path, response.headers["Location"]))
    elif response.headers.get("Content-Type", "").startswith("text/html"):
        found.feed(response.content.decode())
        found.close()
    return found


@dataclass(frozen=True)
class Visit:
    path: str
    origin: str
    response: Any
    offers: Offers


def walk(client: Client, *starts: str) -> Iterator[Visit]:
    """Every page that can be reached, with the page that led there."""
    waiting = deque((start, "the beginning") for start in starts)
    seen = {_shape(start) for start in starts}
    while waiting and len(seen) < MOST:
        path, origin = waiting.popleft()
        response = client.get(path)
        offers = offers_of(response, path)
        yield Visit(path, origin, response, offers)
        for link in sorted(offers.links):
            if not link.startswith(("/static/", "/api/")) and _shape(link) not in seen:
                seen.add(_shape(link))
                waiting.append((link, path))


def _shape(link: str) -> str:
    """Enough of an address to tell pages apart, so that calendars and pagers end."""
    parts = urlsplit(link)
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    return f"{parts.path}?{','.join(names)}"
