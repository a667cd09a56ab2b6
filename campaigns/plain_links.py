"""Where the links of a message lead: what composing asks for, and the plain answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from campaigns.keys import MessageKey
from campaigns.tracking.links import TrackedLinks


class Links(Protocol):
    """Implemented with tracking by campaigns/tracking/links.py. The key None: of a test, which
    counts nowhere."""

    def click(self, key: MessageKey | None, url: str) -> str:
        """An address of ours that leads to `url` and tells that it was followed."""
        ...

    def pixel(self, key: MessageKey | None) -> str: ...

    def unsubscribe(self, key: MessageKey | None) -> str:
        """The page to unsubscribe, and for preferences; for people."""
        ...

    def one_click(self, key: MessageKey | None) -> str:
        """What mail programs post to (RFC 8058)."""
        ...

    def short(
        self, pairs: Sequence[tuple[MessageKey | None, str]]
    ) -> Mapping[tuple[MessageKey | None, str], str]:
        """Short addresses for text messages, all at once; also of the page to unsubscribe, and
        following that is no click."""
        ...


class PlainLinks:
    """For tests and previews: links lead where they lead, and nothing is counted."""

    def click(self, key: MessageKey | None, url: str) -> str:
        return url

    def pixel(self, key: MessageKey | None) -> str:
        return ""

    def unsubscribe(self, key: MessageKey | None) -> str:
        """The page that says that it is of a test, and changes nothing."""
        return TrackedLinks().unsubscribe(None)

    def one_click(self, key: MessageKey | None) -> str:
        return TrackedLinks().one_click(None)

    def short(
        self, pairs: Sequence[tuple[MessageKey | None, str]]
    ) -> Mapping[tuple[MessageKey | None, str], str]:
        return {pair: pair[1] for pair in pairs}
