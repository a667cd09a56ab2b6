"""All addresses with all their parameters and what nobody should send: an answer, never our mistake.

Each view is watched for the names that it asks for, so new ones are tried without being listed.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode
from zlib import crc32

import pytest
from django.db import connection, transaction
from django.test import Client

from contacts.models import Contact
from tests.attacks.effort import EFFORT, IS_LONG
from tests.attacks.hostile import BODIES, SQL, TEXTS
from tests.attacks.watching import watched
from tests.figures import count
from tests.site.matrix import LINES, SUPERUSER, Line
from tests.site.test_rights import fingerprint, is_api
from tests.site.world import SHOP

pytestmark = pytest.mark.django_db

SECONDS = 5
"""That an answer takes at most, on a machine that has much else to do."""
MOST_NAMES = 80
"""Of one address; forms with a row for each of something have ever more."""
NOT_TRIED = ("/sign-out", "/admin/logout/")
VALUES = [*TEXTS, *SQL]
NEUTRAL = "zzqxzz"
LED_TO = SHOP
"""Where messages' links lead; their addresses are signed."""
NAME = re.compile(r"[a-z]+-\d{2,}|\d{3,}")
"""Of the rows of a form that go on and on."""


class Tries:
    """What went wrong with what was sent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.wrong: list[str] = []

    def send(self, method: str, address: str, sent: Any = None, **options: Any) -> Any:
        """The answer; None for one that should not be. What it did is undone."""
        told = f"{method} {address[:200]} {str(sent)[:200]}"
        begun = time.monotonic()
        try:
            with transaction.atomic():
                response = self._answer(method, address, sent, options)
                if _was_changed():
                    self.wrong.append(f"{told}: what was sent was run as SQL")
                transaction.set_rollback(True)
        except Exception as problem:  # noqa: BLE001 - all are to be told
            self.wrong.append(f"{told}: {type(problem).__name__}: {str(problem)[:300]}")
            return None
        finally:
            count("requests with hostile inputs")
        if response.status_code >= 500 and response.status_code != 503:
            self.wrong.append(f"{told}: {response.status_code}")
        if _leads_away(response):
            self.wrong.append(f"{told}: leads to {response.headers}")
        if (spent := time.monotonic() - begun) > SECONDS:
            self.wrong.append(f"{told}: took {spent:.1f} s")
        return response

    def _answer(self, method: str, address: str, sent: Any, options: dict[str, Any]) -> Any:
        response: Any
        if method == "GET":
            response = self.client.get(address, **options)
        elif isinstance(sent, bytes):
            response = self.client.generic(
                method, address, sent, content_type="application/json", **options
            )
        else:
            response = self.client.generic(
                method,
                address,
                urlencode(sent or {}, doseq=True, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
                **options,
            )
        if response.streaming:  # what comes later can fail, too
            response.content_read = b"".join(response.streaming_content)
        return response


def _leads_away(response: Any) -> bool:
    """To another site, or a browser would take it for one."""
    places = [response.headers.get(name, "") for name in ("Location", "HX-Redirect", "HX-Location")]
    return any(
        re.match(r"[/\\]{2}|[A-Za-z][A-Za-z0-9+.-]*:", place) and not place.startswith(LED_TO)
        for place in places
    )


def _was_changed() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM contacts_contact WHERE first_name = 'pwned')"
            " OR NOT EXISTS (SELECT 1 FROM segments_segment)"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def tries(standing):
    return Tries(standing.client(SUPERUSER))


def is_row_of_administration(line: Line) -> bool:
    """A page of Django's own, like many others."""
    return line.address.startswith("/admin/") and "{" in line.address


def line_methods(*methods: str) -> Iterator[tuple[Line, str]]:
    for line in LINES:
        for method, who in line.methods():
            is_tried = IS_LONG or not is_row_of_administration(line)
            if (
                method in methods
                and SUPERUSER in who
                and is_tried
                and line.address not in NOT_TRIED
            ):
                yield line, method


def some_of(values: Sequence[Any], about: str, number: int = 1) -> list[Any]:
    """In a long run many, others each time; else a few, others for each address and name."""
    if IS_LONG:
        return random.sample(values, min(len(values), number * EFFORT))
    first = crc32(about.encode())
    return [values[(first + place) % len(values)] for place in range(number)]


def with_query(address: str, asked: dict[str, str]) -> str:
    sign = "&" if "?" in address else "?"
    return f"{address}{sign}{urlencode(asked, errors='surrogatepass')}"


def names_of(send: Callable[[dict[str, str]], Any], known: Sequence[str] = ()) -> list[str]:
    """All that a view asks for, also once it has been given something."""
    found = dict.fromkeys(known)
    for value in ("", "1") if IS_LONG else ("",):
        with watched() as names:
            send(dict.fromkeys(found, value) if value else {})
        found |= dict.fromkeys(sorted(name for name in names if not NAME.search(name)))
    return list(found)[:MOST_NAMES]


@pytest.fixture(scope="module")
def parameters(standing):
    """Of each address that answers a look, what it asks for."""
    client = standing.client(SUPERUSER)
    found = {}
    for line, _ in line_methods("GET"):
        address = standing.address(line.address)

        def look(asked: dict[str, str], address: str = address) -> Any:
            with transaction.atomic():
                response = client.get(with_query(address, asked))
                transaction.set_rollback(True)
            return response

        if names := names_of(look):
            found[address] = names
            count("parameters of addresses", len(names))
    return found


def some_names(names: Sequence[str], about: str) -> Sequence[str]:
    return some_of(names, about, min(1, len(names)))


def test_no_parameter_of_a_page_breaks_it(parameters, tries):
    untouched = fingerprint()
    for address, names in parameters.items():
        for value in some_of(VALUES, address):
            tries.send("GET", with_query(address, dict.fromkeys(names, value)))
        for name in some_names(names, address):
            for value in some_of(VALUES, f"{address} {name}"):
                tries.send("GET", with_query(address, {name: value}))

    assert not tries.wrong, "\n".join(tries.wrong)
    assert fingerprint() == untouched


def test_what_looks_like_sql_finds_what_any_other_text_finds(parameters, tries):
    for address, names in parameters.items():
        if address.startswith(("/admin/", "/docs/")):  # where words of it may well be found
            continue
        for name in some_names(names, f"SQL {address}"):
            usual = tries.send("GET", with_query(address, {name: NEUTRAL}))
            for value in some_of(SQL, f"{address} {name}"):
                odd = tries.send("GET", with_query(address, {name: value}))
                if usual and odd and _shape(usual) != _shape(odd):
                    told = f"{address} {name}={value}: {_shape(odd)}, not {_shape(usual)}"
                    tries.wrong.append(told)

    assert not tries.wrong, "\n".join(tries.wrong)


def _shape(response: Any) -> tuple[int, int, int]:
    """Enough to see that more or others are shown."""
    content = getattr(response, "content_read", None) or response.content
    emails = len(re.findall(rb"[\w.]+@example\.com", content))
    contacts = len(re.findall(rb'/contacts/\d+"|"id":', content))
    return response.status_code, emails, contacts


def _press(tries: Tries, address: str, usual: dict[str, str], sent: dict[str, str]) -> Any:
    return tries.send("POST", address, usual | sent)


def test_no_form_is_broken_by_what_is_typed(standing, tries):
    for line, _ in line_methods("POST"):
        if is_api(line):
            continue
        address = standing.address(line.address)
        usual = {name: str(value) for name, value in (line.sends or {}).items()}
        press = partial(_press, tries, address, usual)
        names = names_of(press, list(usual))
        count("parameters of addresses", len(names))
        for value in some_of(VALUES, address):
            press(dict.fromkeys(names, value))
        for name in some_names(names, line.address):
            for value in some_of(VALUES, f"{line.address} {name}"):
                press({name: value})

    assert not tries.wrong, "\n".join(tries.wrong)


def test_no_body_breaks_the_api(standing, tries):
    keys = {scope: standing.client(scope) for scope in ("ingest", "read", "write")}
    for line, method in line_methods("POST", "PATCH", "DELETE"):
        if not is_api(line):
            continue
        for body in some_of(BODIES, f"{method} {line.address}", 9):
            tries.send(method, standing.address(line.address), body)
    for line in LINES:  # what programs alone may do
        if line.address.startswith("/v1/"):
            tries.client = keys["ingest"]
            for body in BODIES:
                tries.send("POST", line.address, body)

    assert not tries.wrong, "\n".join(tries.wrong)


class Odd(dict[str, str]):
    """For `format_map`: each object's place in an address holds the same nonsense."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __missing__(self, _name: str) -> str:
        return self.value


PLACES = [
    *("0", "-1", "9" * 19, "9" * 40, "1e3", "%00", "a%00b", "%ff%fe", "%ed%a0%80", "..%2f..%2fetc"),
    *("x" * 3_000, "-activity", "none", "٣", quote("' OR '1'='1"), quote('"><b>'), "%0d%0aX:%20y"),
]


def test_no_object_that_is_none_breaks_an_address(tries):
    for line in LINES:
        if "{" not in line.address or (is_row_of_administration(line) and not IS_LONG):
            continue
        for value in some_of(PLACES, line.address, 3):
            address = line.address.format_map(Odd(value))
            for method, _ in line.methods():
                response = tries.send(method, address, b"{}" if is_api(line) else None)
                if response is not None and value not in ("-activity", "none", "0", "٣"):
                    is_done = response.status_code in (200, 201, 202, 204) and method != "GET"
                    assert not is_done, (method, address, response.status_code)

    assert not tries.wrong, "\n".join(tries.wrong)


def test_the_hostile_texts_are_still_hostile(standing):
    """They would find others where a statement held them as its text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM contacts_contact WHERE first_name = '{SQL[0]}'")
        assert cursor.fetchone()[0] == Contact.objects.count() > 0
