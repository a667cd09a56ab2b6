"""For all tests: what takes long begins first, and databases are emptied quickly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import figures, on_citus
from tests.emptying import Emptier
from tests.leaving import wait_until_all_have_left

SLOW_FOLDERS = ("tests/system/", "tests/browser/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests, then large ones: small ones fill what is left of the time at the end.

    pytest-xdist would begin with those that have the most tests, and end with the slowest.
    """
    sizes = Counter(item.path for item in items)

    def order(item: pytest.Item) -> tuple[int, int]:
        for place, folder in enumerate(SLOW_FOLDERS):
            if item.nodeid.startswith(folder):
                return place, 0
        return len(SLOW_FOLDERS), -sizes[item.path]

    items.sort(key=order)
    on_citus.skip_what_is_about_a_plain_server(items)


if on_citus.WORKERS:

    @pytest.fixture(scope="session")
    def django_db_setup(
        request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
    ) -> Iterator[None]:
        """The one of pytest-django, and then spread over the cluster."""
        with django_db_blocker.unblock():
            on_citus.distribute()
        yield
        if not request.getfixturevalue("django_db_keepdb"):
            with django_db_blocker.unblock():
                on_citus.forget()

else:

    @pytest.fixture(scope="session")
    def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
        """The one of pytest-django, which cannot take the database away while somebody is there."""
        yield
        with django_db_blocker.unblock():
            wait_until_all_have_left()


def pytest_sessionfinish() -> None:
    figures.write()


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    """After tests that commit."""
    if on_citus.WORKERS:  # rows lie elsewhere, and Django's own way reaches them
        yield
        return
    emptier = Emptier()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptier.empty())
        yield


@pytest.fixture(scope="session", autouse=True)
def _database_beside_an_event_loop() -> Iterator[None]:
    """Playwright's own loop runs in this thread, and Django takes it for ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Each client of a test has middleware of its own, which would look at all files again."""
    found: dict[str, dict[str, Any]] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def look_once(middleware: Any) -> None:
        known = found.get(middleware.static_prefix)
        if known is None:
            look(middleware)
            found[middleware.static_prefix] = dict(middleware.files)
        else:
            middleware.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield
