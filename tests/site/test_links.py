"""Whatever a page offers can be had: each role follows every link, and may press every button, that it sees."""

from __future__ import annotations

import pytest
from django.db import transaction

from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS
from tests.site.matrix import LINES, NO_ROLE, NOBODY, Who
from tests.site.offers import MOST, Sent, Visit, walk
from tests.site.routes import route_of

pytestmark = pytest.mark.django_db

ROLES = (NO_ROLE, MARKETERS, CAMPAIGN_MANAGERS, ADMINS)
NOT_PRESSED = ("/sign-out", "/theme", "/admin/logout/")


@pytest.fixture(scope="module")
def visits(standing):
    """Of each role, to all pages that it can reach; made once."""
    made: dict[str, list[Visit]] = {}

    def visit(who: str) -> list[Visit]:
        if who not in made:
            # No page leads to Django's own administration.
            starts = ["/"] if who == NO_ROLE else ["/", "/admin/"]
            made[who] = list(walk(standing.client(who), *starts))
        return made[who]

    return visit


@pytest.fixture(scope="module")
def who_may(standing):
    """By the line of just this address, else by those of others that the same view answers."""
    by_path: dict[Sent, Who] = {}
    by_route: dict[Sent, Who] = {}
    for line in LINES:
        path = standing.address(line.address).partition("?")[0]
        for method, who in line.methods():
            by_path[method, path] = who
            view = method, route_of(path)
            by_route[view] = by_route.get(view, NOBODY) | who

    def find(method: str, address: str) -> Who:
        path = address.partition("?")[0]
        found = by_path.get((method, path))
        return by_route.get((method, route_of(path)), NOBODY) if found is None else found

    return find


@pytest.mark.parametrize("who", ROLES)
def test_no_link_is_dead_and_none_leads_where_one_may_not_go(visits, who):
    for visit in visits(who):
        told = f"{who}: {visit.origin} leads to {visit.path}: {visit.response.status_code}"
        assert visit.response.status_code in (200, 302), told

    reached = {visit.path for visit in visits(who)}
    assert len(reached) < MOST
    assert who == NO_ROLE or {"/", "/segments", "/contacts", "/events"} <= reached


@pytest.mark.parametrize("who", ROLES)
def test_no_form_or_button_is_shown_that_is_for_others(who_may, visits, who):
    refused = {
        (visit.path, method, address)
        for visit in visits(who)
        for method, address in visit.offers.sent
        if who not in who_may(method.upper(), address)
    }

    assert refused == set()


@pytest.mark.parametrize("who", ROLES)
def test_every_button_that_is_shown_may_be_pressed(standing, visits, who):
    """Each form is sent empty: it is done, or its data refused, but never the person."""
    client = standing.client(who)
    offered = {sent for visit in visits(who) for sent in visit.offers.sent}

    for method, address in sorted(offered):
        if address.startswith(NOT_PRESSED):
            continue
        with transaction.atomic():
            response = getattr(client, method)(address)
            transaction.set_rollback(True)
        assert response.status_code in (200, 302, 409, 422), (address, response.status_code)


def test_forms_and_buttons_of_every_kind_are_seen(visits):
    """So that the tests above look at something."""
    seen = {
        (method, route_of(address))
        for visit in visits(ADMINS)
        for method, address in visit.offers.sent
    }
    expected = {
        ("post", "segments/<slug:key>/pause"),
        ("post", "segments/<slug:key>/builder/do"),
        ("post", "contacts/<int:pk>/erase"),
        ("post", "contacts/fields/<slug:key>/move"),
        ("post", "contacts/imports"),
        ("post", "admin/segments/segment/<path:object_id>/change/"),
    }

    assert expected <= seen
    assert len(seen) > 40
