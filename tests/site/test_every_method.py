"""Every address with every method, for those who are out, in, or a program: nothing answers that no line tells of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from outbound.exports import wanted as exports
from outbound.exports.services import create_export
from outbound.webhooks import checking as webhooks
from outbound.webhooks.services import create_webhook
from segmentflow.api.keys import create_key
from segmentflow.api.limits import forget_all
from segmentflow.api.websites import create_website
from segmentflow.clock import current_time
from segmentflow.models import ApiKey
from segments.models import Segment
from tests.figures import count
from tests.site.matrix import ANONYMOUS, LINES, NO_ROLE, PUBLIC, SUPERUSER, Line, Who
from tests.site.routes import all_routes, route_of
from tests.site.test_rights import DOOR, fingerprint, is_api, is_refused, is_refused_rightly

pytestmark = pytest.mark.django_db

ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
WITH_A_LOOK = ("HEAD", "OPTIONS")
"""Whoever may look may ask for these too."""
NOT_ANSWERED = (401, 403, 404, 405)
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/segments", "HX-Target": "x"}
CLOSELY = ("/api/v1/contacts", "/api/v1/status", "/v1/identify")
PROOF_OF_THEIR_OWN = ("/m/", "/s/", "/v1/")
"""Of recipients, providers and programs, who send no cookies: what they know is in the address or body."""


@pytest.fixture(scope="module")
def others(standing):
    """A second one of what has parts of its own."""
    now = current_time()
    wanted = webhooks.Wanted("Other", "https://other.example/hook", "", ["vips"])
    webhook, _ = create_webhook(wanted=wanted, author=None)
    export = create_export(
        segment=Segment.objects.get(key="buyers"),
        wanted=exports.Wanted(name="Other", columns=("id",), folder="other"),
        author=None,
        now=now,
    )
    return {"other_webhook": webhook.pk, "other_export": export.pk}


@pytest.fixture(scope="module")
def untouched(standing, others):
    return fingerprint()


def routes() -> Iterator[tuple[Line, dict[str, Who]]]:
    """A line of each route, and the methods that any of its lines tells of."""
    lines: dict[str, Line] = {}
    told: dict[str, dict[str, Who]] = defaultdict(dict)
    anything = defaultdict[str, int](lambda: 1)
    for line in LINES:
        route = route_of(line.address.format_map(anything))
        lines.setdefault(route, line)
        for method, who in line.methods():
            told[route][method] = told[route].get(method, frozenset()) | who
    for route, line in lines.items():
        yield line, told[route]


def ask(client: Client, method: str, address: str, **headers: Any) -> Any:
    """Undone at once."""
    with transaction.atomic():
        response = client.generic(method, address, headers=headers or None)
        transaction.set_rollback(True)
    count("requests to addresses")
    return response


def test_a_method_of_no_line_is_answered_nobody(standing, untouched):
    answered = []
    for line, told in routes():
        address = standing.address(line.address)
        others = set(ALL) - told.keys() - (set(WITH_A_LOOK) if "GET" in told else set())
        # Django's own pages take any other method for a look (and `untouched` shows that it is one).
        is_look = address.startswith("/admin/") and "GET" in told
        for method in {"PUT"} if is_look else others:
            for who in (ANONYMOUS,) if is_look else (ANONYMOUS, SUPERUSER):
                response = ask(standing.client(who), method, address)
                count("requests refused")
                if response.status_code in NOT_ANSWERED or is_refused(response):
                    continue
                if method == "OPTIONS" and (not response.content or is_api(line)):
                    continue  # the methods that are taken, for those who may use one of them
                if address in (DOOR, "/admin/logout/") and response.status_code == 302:
                    continue  # whoever is in, or out, is led on
                if address == "/account/passkeys" and response.status_code == 422:
                    continue  # refused before the method is looked at
                if method == "HEAD" and address.startswith("/m/hooks/email/"):
                    continue  # some providers look first whether anybody is there
                answered.append((method, address, who, response.status_code))

    assert not answered, "\n".join(map(str, answered))
    assert fingerprint() == untouched


def test_the_head_of_a_page_is_for_those_who_may_see_it(standing, untouched):
    count("addresses", len(all_routes()))
    for number, line in enumerate(LINES):
        if line.get is None:
            continue
        address = standing.address(line.address)
        for who in (ANONYMOUS, NO_ROLE, "ingest") if is_api(line) else (ANONYMOUS, NO_ROLE):
            if who not in line.get:
                response = ask(standing.client(who), "HEAD", address)
                assert is_refused_rightly(response, line, who), (address, who)
                count("requests refused")
        if number % 5 == 0 and SUPERUSER in line.get:
            assert not is_refused(ask(standing.client(SUPERUSER), "HEAD", address)), address

    assert fingerprint() == untouched


@pytest.mark.parametrize(("who", "every"), [(ANONYMOUS, 1), (NO_ROLE, 4)])
def test_htmx_gets_no_part_of_what_is_not_for_its_person(standing, untouched, who, every):
    for line in LINES[::every]:
        if is_api(line):
            continue
        for method, who_may in line.methods():
            if who in who_may:
                continue
            address = standing.address(line.address)
            response = ask(standing.client(who), method, address, **HTMX)
            count("requests refused")
            to = response.headers.get("HX-Redirect", "")
            is_led_away = to.startswith("/sign-in?next=") and not response.content
            assert is_led_away or is_refused(response), (method, address, response.status_code)

    assert fingerprint() == untouched


def test_an_address_that_is_none_leads_to_the_first_page(client):
    """htmx says where a browser is; what it says may be anything."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[::1"}

    assert client.get("/contacts", headers=headers).headers["HX-Redirect"] == "/sign-in?next=/"


@pytest.mark.parametrize("origin", ["http://testserver", "https://evil.example", "null"])
def test_what_a_page_of_another_site_sends_in_somebodys_name_is_refused(
    standing, untouched, origin
):
    """A browser adds cookies by itself; without the form's token nothing is done."""
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(standing.client(SUPERUSER).cookies)
    for line in LINES:
        for method, who in line.methods():
            address = standing.address(line.address)
            if method == "GET" or SUPERUSER not in who:
                continue
            if address.startswith(PROOF_OF_THEIR_OWN) and who >= PUBLIC:
                continue
            response = ask(client, method, address, origin=origin)
            count("requests refused")
            assert response.status_code == 403, (method, address, response.status_code)

    assert fingerprint() == untouched


def test_a_forms_token_is_of_no_use_on_another_site(standing):
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(standing.client(SUPERUSER).cookies)
    client.get("/settings/workspace")
    token = client.cookies["csrftoken"].value
    sent = {"time_zone": "Asia/Tokyo", "csrfmiddlewaretoken": token}

    there = client.post("/settings/workspace", sent, headers={"origin": "https://evil.example"})
    with transaction.atomic():
        here = client.post("/settings/workspace", sent, headers={"origin": "http://testserver"})
        transaction.set_rollback(True)

    assert (there.status_code, here.status_code) == (403, 302)


def test_a_key_opens_no_page(standing):
    secret = create_key(name="All", scopes=ApiKey.Scope.values)[1]
    untouched = fingerprint()
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    for line in LINES:
        if is_api(line):
            continue
        for method, who in line.methods():
            if ANONYMOUS in who:
                continue
            address = standing.address(line.address)
            response = ask(client, method, address)
            count("requests refused")
            assert is_refused_rightly(response, line, ANONYMOUS), (method, address)

    assert fingerprint() == untouched


def test_keys_that_are_none_open_nothing(standing):
    key, secret = create_key(name="Revoked", scopes=ApiKey.Scope.values)
    ApiKey.objects.filter(pk=key.pk).update(revoked_at="2026-01-01T00:00Z")
    website = create_website(name="W", origins=["https://w.example"])
    untouched = fingerprint()
    wrong = [
        f"Bearer {secret}",  # revoked
        f"Bearer {website.key}",  # anybody's who looks at a page
        f"Bearer {secret[:-1]}",
        f"Bearer {key.prefix}",
        f"Bearer {key.hash}",
        "Bearer \x00",
        "Bearer " + "x" * 5_000,
        "Bearer é".encode().decode("latin-1"),
        f"Basic {secret}",
        "Bearer",
    ]
    for number, line in enumerate(LINES):
        if not is_api(line):
            continue
        address = standing.address(line.address)
        for method, who in line.methods():
            if ANONYMOUS in who:
                continue
            # All at the first few, then each in turn.
            for authorization in wrong if address in CLOSELY else [wrong[number % len(wrong)]]:
                if address.startswith("/v1/") and website.key in authorization:
                    continue
                forget_all()  # else such an address is soon asked to wait
                response = ask(Client(), method, address, authorization=authorization)
                count("requests refused")
                assert response.status_code in (400, 401), (address, authorization)
    forget_all()

    assert fingerprint() == untouched


OF_OTHERS = [
    # Of two objects in an address, the second is not the first one's.
    ("/settings/webhooks/{other_webhook}/deliveries/{delivery}", "GET"),
    ("/settings/webhooks/{other_webhook}/deliveries/{delivery}/again", "POST"),
    ("/settings/webhooks/{other_webhook}/deliveries/{delivery_waiting}/aside", "POST"),
    ("/api/v1/webhooks/{other_webhook}/deliveries/{delivery}/resend", "POST"),
    ("/exports/{other_export}/files/{export_run}", "GET"),
    ("/contacts/fields/new/type/{change}.csv", "GET"),
    ("/segments/buyers/explain/{contact}/moves/{move}", "GET"),
    ("/segments/vips/explain/{other}/moves/{move}", "GET"),
    ("/segments/buyers/versions/99/restore", "POST"),
    ("/api/v1/segments/buyers/versions/99", "GET"),
    ("/m/hooks/sms/{hook}", "POST"),
    ("/m/hooks/email/mailgun/{hook}", "POST"),
    ("/m/u/{opening}", "GET"),
    ("/m/o/{leaving}.gif", "GET"),
    ("/m/i/{picture_token}.png", "GET"),
    ("/settings/retention/{type}0", "GET"),
]


@pytest.mark.parametrize(("pattern", "method"), OF_OTHERS)
def test_what_belongs_to_another_is_not_there(standing, others, untouched, pattern, method):
    things = {**standing.things, **others}
    response = ask(standing.client(SUPERUSER), method, pattern.format_map(things))
    count("requests refused")

    assert response.status_code == 404, response.status_code
    assert fingerprint() == untouched


def test_every_route_was_walked():
    walked = {route_of(line.address.format_map(defaultdict(lambda: 1))) for line in LINES}

    assert all_routes().keys() - walked == set()
