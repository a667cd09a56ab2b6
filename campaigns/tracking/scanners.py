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
    documented: str
    """Where its maker says so, or where else it is described."""


LISTED: Final = "https://github.com/matomo-org/device-detector/blob/master/regexes/bots.yml"
ALSO_LISTED: Final = "https://github.com/monperrus/crawler-user-agents"
CRAWLING: Final = "https://www.rfc-editor.org/rfc/rfc9309"

KNOWN: Final = (
    # Gateways and scanners that give their name; most do not (see above).
    Known("barracudacentral", "gateway", LISTED),
    Known("urlscan", "gateway", "https://urlscan.io/docs/"),
    Known("virustotal", "gateway", "https://docs.virustotal.com/"),
    Known("safedns", "gateway", "https://www.safedns.com/searchbot"),
    # Programs that show what is behind a link that somebody was sent.
    Known(
        "bingpreview",
        "preview",
        "https://www.bing.com/webmasters/help/which-crawlers-does-bing-use-8c184ec0",
    ),
    Known("skypeuripreview", "preview", ALSO_LISTED),
    Known("slackbot", "preview", "https://api.slack.com/robots"),
    Known("slack-imgproxy", "preview", "https://api.slack.com/robots"),
    Known(
        "facebookexternalhit",
        "preview",
        "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers",
    ),
    Known("whatsapp/", "preview", ALSO_LISTED),
    Known("telegrambot", "preview", ALSO_LISTED),
    Known("twitterbot", "preview", ALSO_LISTED),
    Known("discordbot", "preview", "https://discord.com/developers/docs/reference#user-agent"),
    Known("linkedinbot", "preview", ALSO_LISTED),
    Known(
        "google-read-aloud",
        "preview",
        "https://developers.google.com/crawling/docs/crawlers-fetchers/google-user-triggered-fetchers",
    ),
    # Search engines and others that read the web; nearly all say one of these.
    Known("bot/", "crawler", CRAWLING),
    Known("bot;", "crawler", CRAWLING),
    Known("bot)", "crawler", CRAWLING),
    Known("+http", "crawler", CRAWLING),
    Known("crawler", "crawler", CRAWLING),
    Known("spider", "crawler", CRAWLING),
    # What programs use that nobody sits in front of.
    Known("curl/", "library", "https://curl.se/docs/manpage.html#-A"),
    Known("wget/", "library", "https://www.gnu.org/software/wget/manual/wget.html"),
    Known("python-requests/", "library", "https://requests.readthedocs.io/"),
    Known("python-urllib/", "library", "https://docs.python.org/3/library/urllib.request.html"),
    Known("python-httpx/", "library", "https://www.python-httpx.org/"),
    Known("aiohttp/", "library", "https://docs.aiohttp.org/"),
    Known("go-http-client/", "library", "https://pkg.go.dev/net/http"),
    Known("java/", "library", ALSO_LISTED),
    Known("java-http-client/", "library", ALSO_LISTED),
    Known("apache-httpclient/", "library", "https://hc.apache.org/"),
    Known("okhttp/", "library", "https://square.github.io/okhttp/"),
    Known("libwww-perl/", "library", "https://metacpan.org/pod/LWP::UserAgent"),
    Known("node-fetch", "library", "https://github.com/node-fetch/node-fetch"),
    Known("axios/", "library", "https://axios-http.com/"),
    Known("guzzlehttp", "library", "https://docs.guzzlephp.org/"),
)
COUNTED: Final = (
    # Said by proxies that fetch pictures when somebody looks at a message.
    ("googleimageproxy", "https://support.google.com/a/answer/3299041"),
    ("yahoomailproxy", "https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"),
)
"""These are people, whatever else their name contains."""
APPLE_PRIVACY: Final = "mozilla/5.0"
"""All that Mail Privacy Protection says of itself, for pictures:
https://help.socketlabs.com/docs/identifying-apple-mpp-opens-in-notification-api-events"""
PREFETCHING: Final = (
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose and its forerunners
    ("Sec-Purpose", ("prefetch", "prerender")),
    ("Purpose", ("prefetch", "preview")),
    ("X-Purpose", ("prefetch", "preview")),
    ("X-Moz", ("prefetch",)),
)


def is_machine(*, method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request was made by itself, as far as it can be seen from the request."""
    if method != "GET":
        return True
    if any(word in headers.get(name, "").lower() for name, words in PREFETCHING for word in words):
        return True
    agent = headers.get("User-Agent", "")[:LONGEST_AGENT].strip().lower()
    if any(mark in agent for mark, _ in COUNTED):
        return False
    return agent in ("", APPLE_PRIVACY) or any(known.mark in agent for known in KNOWN)


def is_too_soon(*, at: datetime, handed_at: datetime | None) -> bool:
    """Whether nobody can have seen the message yet; None: it is being handed over just now."""
    return handed_at is None or at - handed_at < TOO_SOON
