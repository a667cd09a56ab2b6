"""Who opens and follows links without being a person: known by name, by headers, or by haste.

What counts, and what does not:

- Mail services that fetch pictures on behalf of a reader when the message is shown (Gmail, Yahoo,
  Outlook.com) count: somebody opened it, though the address and program are the service's.
- Apple Mail Privacy Protection fetches the pictures of every message in the background, read or
  not. It does not count as an open; whoever follows a link from there has opened the message, and
  that counts (events.py).
- Programs that look a link up for a preview or for safety do not count, nor do prefetching
  browsers, search engines, and libraries of programming languages.
- HEAD requests, and requests without a program's name, do not count: no browser sends them.
- Many gateways pretend to be browsers. They are known by haste: what happens within a second of
  sending, and a second link within a second of the first, does not count. Nothing reads the
  built-in outbox but people, so there the first of these does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Sort = Literal["gateway", "preview", "crawler", "library"]

TOO_SOON: Final = timedelta(seconds=1)
"""After sending."""
AT_ONCE: Final = timedelta(seconds=1)
"""Between two links of one message."""
LONGEST_AGENT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """A program, by what its User-Agent contains, in small letters."""

    mark: str
    sort: Sort
    seen_in: str
    """Where it is found, looked up in November 2026: what its maker says, or a list of programs seen
    in logs."""


BOTS: Final = "https://github.com/matomo-org/device-detector/blob/master/regexes/bots.yml"
LIBRARIES: Final = (
    "https://github.com/matomo-org/device-detector/blob/master/regexes/client/libraries.yml"
)
CRAWLERS: Final = (
    "https://github.com/monperrus/crawler-user-agents/blob/master/crawler-user-agents.json"
)

KNOWN: Final = (
    # Gateways and scanners that give their name; most do not (see above).
    Known("barracuda sentinel", "gateway", BOTS),
    Known("kaspersky lab cfr link resolver", "gateway", BOTS),
    Known("virustotalcloud", "gateway", BOTS),
    Known("google-safety", "gateway", BOTS),
    Known("safednsbot", "gateway", BOTS),
    # Programs that show what is behind a link that somebody was sent.
    Known("bingpreview", "preview", BOTS),
    Known("skypeuripreview", "preview", BOTS),
    Known("slackbot", "preview", BOTS),
    Known("slack-imgproxy", "preview", BOTS),
    Known("facebookexternalhit", "preview", CRAWLERS),
    Known("whatsapp/", "preview", CRAWLERS),
    Known("telegrambot", "preview", BOTS),
    Known("twitterbot", "preview", BOTS),
    Known("discordbot", "preview", BOTS),
    Known("linkedinbot", "preview", BOTS),
    Known("google-read-aloud", "preview", BOTS),
    # Search engines and others that read the web: 832 of the 1,498 programs in this list say one of these.
    Known("bot/", "crawler", CRAWLERS),
    Known("bot;", "crawler", CRAWLERS),
    Known("bot)", "crawler", CRAWLERS),
    Known("+http", "crawler", CRAWLERS),
    Known("crawler", "crawler", CRAWLERS),
    Known("spider", "crawler", CRAWLERS),
    # What programs use that nobody sits in front of.
    Known("curl/", "library", LIBRARIES),
    Known("wget/", "library", LIBRARIES),
    Known("python-requests/", "library", LIBRARIES),
    Known("python-urllib", "library", LIBRARIES),
    Known("python-httpx/", "library", LIBRARIES),
    Known("aiohttp/", "library", LIBRARIES),
    Known("go-http-client/", "library", LIBRARIES),
    Known("java/", "library", LIBRARIES),
    Known("java-http-client/", "library", LIBRARIES),
    Known("apache-httpclient/", "library", LIBRARIES),
    Known("okhttp/", "library", LIBRARIES),
    Known("libwww-perl/", "library", LIBRARIES),
    Known("node-fetch", "library", LIBRARIES),
    Known("axios/", "library", LIBRARIES),
    Known("guzzlehttp", "library", LIBRARIES),
)
COUNTED: Final = (
    # Said by proxies that fetch pictures when somebody looks at a message; that is no robot.
    ("googleimageproxy", BOTS),
    ("yahoomailproxy", BOTS),
)
"""These are people, whatever else their name contains."""
PHONE: Final = "cubot"
"""A maker of phones, whose name ends like those of robots."""
APPLE_PRIVACY: Final = "mozilla/5.0"
"""All that Mail Privacy Protection says of itself, for pictures, as a provider of email describes it:
https://help.socketlabs.com/docs/identifying-apple-mpp-opens-in-notification-api-events"""
PREFETCHING: Final = (
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose tells of it and of
    # X-Moz before it; Chromium sends Purpose for prefetched links (MDN's data on compatibility).
    ("Sec-Purpose", ("prefetch", "prerender")),
    ("Purpose", ("prefetch", "preview")),
    ("X-Moz", ("prefetch",)),
    # As old versions of Safari are said to have sent; no document of its maker was found.
    ("X-Purpose", ("prefetch", "preview")),
)


def is_machine(*, method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request was made by itself, as far as it can be seen from the request."""
    if method != "GET":
        return True
    if any(word in headers.get(name, "").lower() for name, words in PREFETCHING for word in words):
        return True
    agent = headers.get("User-Agent", "")[:LONGEST_AGENT].strip().lower().replace(PHONE, "")
    if any(mark in agent for mark, _ in COUNTED):
        return False
    return agent in ("", APPLE_PRIVACY) or any(known.mark in agent for known in KNOWN)


def is_too_soon(*, at: datetime, handed_at: datetime | None) -> bool:
    """Whether nobody can have seen the message yet; None: it is being handed over just now."""
    return handed_at is None or at - handed_at < TOO_SOON
