"""How long pages take to answer on a large database, over HTTP.

    python -m bench.fill                      # once, on an empty database
    python -m bench.pages --segments          # the first time: makes live segments to look at
    script/server --no-demo                   # elsewhere, on the same database
    python -m bench.pages --url http://127.0.0.1:8000 --password …

Medians and maxima of repeated requests, one at a time, after one that warms up.
"""

from __future__ import annotations

import argparse
import base64
import http.cookiejar
import re
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request

import django
from django_otp.oath import totp

REPEATS = 15

DEFINITIONS = {
    "gold": [{"kind": "field", "field": "Status_VIP", "operator": "equals", "value": "Gold"}],
    "recent-buyers": [
        {
            "kind": "event",
            "event": "Purchase",
            "window": {"kind": "last", "amount": 90, "unit": "day"},
        }
    ],
    "everyone": [{"kind": "everyone"}],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument("--segments", action="store_true", help="make segments and exit")
    options = parser.parse_args()
    django.setup()
    if options.segments:
        make_segments()
        return
    site = Site(options.url)
    site.sign_in(options.user, options.password)
    site.set_up_second_factor(options.password)
    report(site, addresses())


class Site:
    """A visitor with cookies."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> bytes:
        with self._opener.open(self.url + path, timeout=120) as response:
            content: bytes = response.read()
            return content

    def sign_in(self, user: str, password: str) -> None:
        """Somebody without a second factor."""
        page = self.get("/sign-in").decode()
        where = self._send("/sign-in", page, username=user, password=password)
        if "/sign-in" in where:
            raise SystemExit("The password is wrong, or a second factor is asked for.")

    def set_up_second_factor(self, password: str) -> None:
        """The administration opens only for those who have one."""
        path = "/account/second-factor"
        page = self.get(path).decode()
        key = re.search(r'id="app-key"[^>]*>([A-Z2-7 ]+)<', page)
        if key is None:
            raise SystemExit("There is no key of an authenticator app.")
        code = f"{totp(base64.b32decode(key[1].replace(' ', ''))):06}"
        self._send(path, page, code=code, current_password=password)

    def _send(self, path: str, page: str, **form: str) -> str:
        """Where it led."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            raise SystemExit(f"There is no form on {path}.")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **form}).encode()
        with self._opener.open(self.url + path, data, timeout=120) as response:
            return str(response.url)


def addresses() -> list[str]:
    """Every kind of page, with the worst that can be asked of it."""
    from contacts.models import Contact
    from events.models import Event, EventType

    busiest = Event.objects.order_by("contact_id").values_list("contact_id", flat=True)[0]
    middle = Contact.objects.order_by("pk")[50_000].pk
    rare = EventType.objects.order_by("-pk")[0].pk
    return [
        "/",
        "/search?q=ann",
        "/search?q=example",
        "/search?q=c-99999",
        "/segments",
        "/segments?sort=-size",
        "/segments/everyone",
        f"/segments/everyone?after={middle}",
        "/segments/everyone?q=lucia",
        "/segments/gold/activity",
        "/segments/gold/versions",
        "/contacts",
        f"/contacts?after={middle}",
        "/contacts?q=lucia+rey",
        "/contacts?q=example",
        "/contacts?segment=gold",
        "/contacts?segment=everyone&q=example",
        f"/contacts/{busiest}",
        f"/contacts/{middle}",
        "/contacts/fields",
        "/events",
        f"/events?type={rare}",
        f"/events?contact={busiest}",
        "/events/types",
        f"/events/types/{rare}",
        "/settings/keys",
        "/settings/users",
        "/settings/workspace",
        "/admin/contacts/contact/",
        "/admin/events/event/",
        "/admin/segments/segment/",
    ]


def report(site: Site, paths: list[str]) -> None:
    print(f"{'median':>8} {'longest':>8}  page")
    for path in paths:
        try:
            site.get(path)
        except urllib.error.HTTPError as error:
            print(f"{error.code:>17}  {path}")
            continue
        took = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            site.get(path)
            took.append((time.perf_counter() - begun) * 1000)
        print(f"{statistics.median(took):>5.0f} ms {max(took):>5.0f} ms  {path}")


def make_segments() -> None:
    from segmentflow.clock import current_time
    from segments.engine.settle import settle
    from segments.services import create_segment

    for number in range(100):
        kind, children = list(DEFINITIONS.items())[number % 3 if number > 2 else number]
        key = kind if number < 3 else f"{kind}-{number}"
        if number > 2:
            children = [
                {
                    "kind": "field",
                    "field": "Points",
                    "operator": "greater_than",
                    "value": 40 * number,
                }
            ]
        create_segment(
            key=key,
            name=key.capitalize(),
            definition={"kind": "group", "match": "all", "children": children},
            author=None,
            now=current_time(),
        )
    begun = time.monotonic()
    settle(now=current_time())
    print(f"100 segments built after {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
