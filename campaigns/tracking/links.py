"""The addresses that stand in messages and lead back to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from campaigns.keys import MessageKey
from campaigns.tracking.short import short_links
from campaigns.tracking.tokens import Kind, sign

WEB: Final = ("http://", "https://")


class TrackedLinks:
    """Links as messages that are sent have them (the protocol `Links` of campaigns/composing.py).

    With the key None, of tests and previews, they lead to the same places and count nothing.
    """

    def __init__(self, *, base: str | None = None) -> None:
        self._base = (settings.PUBLIC_URL if base is None else base).rstrip("/")

    def click(self, key: MessageKey | None, url: str) -> str:
        """Leads to `url`, which is signed: nobody can make it lead anywhere else.

        What is no address of the web (mailto:, tel:, #place) and our own addresses stay as they are.
        """
        if not url.lower().startswith(WEB) or url.startswith(f"{self._base}/m/"):
            return url
        path = _path("message_click", sign(Kind.CLICK, key, url))
        return f"{self._base}{path}?u={quote(url, safe='')}"

    def pixel(self, key: MessageKey | None) -> str:
        return self._base + _path("message_pixel", sign(Kind.OPEN, key))

    def unsubscribe(self, key: MessageKey | None) -> str:
        """The page for people, which asks before it does anything."""
        return self._base + _path("message_unsubscribe", sign(Kind.UNSUBSCRIBE, key))

    def one_click(self, key: MessageKey | None) -> str:
        """For the header List-Unsubscribe (RFC 8058): a POST does it, a GET shows the page."""
        return self._base + _path("message_one_click", sign(Kind.UNSUBSCRIBE, key))

    def short(
        self, pairs: Sequence[tuple[MessageKey | None, str]]
    ) -> Mapping[tuple[MessageKey | None, str], str]:
        """For text messages, where each character costs; those of tests stay as they are.

        Our own addresses become short as well, and are not counted (short_pages.py).
        """
        real = [(key, url) for key, url in pairs if key and url.lower().startswith(WEB)]
        found: dict[tuple[MessageKey | None, str], str] = {pair: pair[1] for pair in pairs}
        for pair, address in short_links(pairs=real, base=self._base).items():
            found[pair] = address
        return found


def _path(name: str, token: str) -> str:
    before, after = _around(name)
    return f"{before}{token}{after}"


@lru_cache(maxsize=16)
def _around(name: str) -> tuple[str, str]:
    """What stands before and behind a token; tokens have no character that would be changed."""
    before, _, after = reverse(name, args=["token"]).partition("token")
    return before, after
