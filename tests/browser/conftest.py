"""A real Chromium on a real server; a script, style or request that fails, fails the test."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import monotonic, sleep
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.signals import request_finished, request_started
from django.db import connections
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from segmentflow.models import User
from segmentflow.roles import ADMINS
from segmentflow.users import give_role
from tests.browser.building import DESKTOP, Builder, Tree, let_all_be_well, make_draft, sign_in
from tests.browser.chromium import PATIENCE_MS, launch_arguments

PASSWORD = "correct horse"  # noqa: S105 - of a user who lives for one test
ABORTED, ENDED = "htmx:sendAbort", "htmx:afterRequest"
PATIENCE = 30
"""Seconds for the server to answer what is under way when a test ends."""


@pytest.fixture(scope="session")
def _closes_its_connections(playwright: object, django_db_setup: None) -> Iterator[None]:
    """While that loop runs, Django keeps connections of their own for it: they end before it."""
    yield
    connections.close_all()


@pytest.fixture(autouse=True)
def _answers_what_was_asked() -> Iterator[None]:
    """A request whose browser has gone still has the database, which is emptied after this."""
    answering: set[threading.Thread] = set()

    def begin(**_: object) -> None:
        answering.add(threading.current_thread())

    def end(**_: object) -> None:
        answering.discard(threading.current_thread())

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    deadline = monotonic() + PATIENCE
    while any(thread.is_alive() for thread in answering - {threading.current_thread()}):
        assert monotonic() < deadline, f"still answering: {answering}"
        sleep(0.01)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Whoever takes these, in tests/system as well, also expects as patiently."""
    expect.set_options(timeout=PATIENCE_MS)
    return browser_type_launch_args | launch_arguments()


@pytest.fixture
def page(page: Page, _closes_its_connections: None) -> Iterator[Page]:
    """Also sees what the page's policy blocks: the browser says so as an error."""
    errors = _errors_on(page)
    yield page
    assert _not_of_leaving(errors) == []


@pytest.fixture
def new_page(
    new_context: Callable[..., BrowserContext], _closes_its_connections: None
) -> Iterator[Callable[..., Page]]:
    """Makes pages in browsers of their own; `expected`: parts of the errors that may be there."""
    made: list[tuple[list[str], Sequence[str]]] = []

    def make(*, expected: Sequence[str] = (), **values: Any) -> Page:
        page = new_context(**values).new_page()
        made.append((_errors_on(page), expected))
        return page

    yield make
    for errors, expected in made:
        found = _not_of_leaving(errors)
        assert [error for error in found if not any(part in error for part in expected)] == []


def _errors_on(page: Page) -> list[str]:
    """Grows with each error that the browser reports."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    return errors


def _not_of_leaving(errors: list[str]) -> list[str]:
    """Htmx calls it an error when a page is left while it asks for something, and says it twice."""
    left = Counter(error.partition(", ")[2] for error in errors if error.startswith(ABORTED))
    return [
        error
        for error in errors
        if not error.startswith((ABORTED, ENDED)) or not left[error.partition(", ")[2]]
    ]


@cache
def _hashed() -> str:
    """Once: a good hash takes its time."""
    return make_password(PASSWORD)


@pytest.fixture
def ada(transactional_db: None) -> User:
    let_all_be_well()
    user = User.objects.create(username="ada", password=_hashed())
    give_role(user=user, role=ADMINS)
    return user


@pytest.fixture
def signed_in(page: Page, live_server: Any, ada: User) -> Page:
    sign_in(page.context, live_server.url, ada)
    page.goto(live_server.url)
    return page


@pytest.fixture
def build(page: Page, live_server: Any, ada: User) -> Callable[[Tree], Builder]:
    """Opens the builder of a draft."""

    def build(tree: Tree) -> Builder:
        make_draft(tree)
        page.set_viewport_size(DESKTOP["viewport"])
        sign_in(page.context, live_server.url, ada)
        builder = Builder(page)
        builder.open(live_server.url, "draft")
        return builder

    return build
