"""Speaking HTTP to those who deliver: once, with an end, and with every ending named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import requests
import urllib3

from campaigns.channels.adapters import WayFacts
from campaigns.channels.handing import Handed, Outcome
from campaigns.channels.writing import said

TIMEOUTS: Final = (5.0, 30.0)
"""Seconds until there is a connection, and for each piece of the answer."""
Timeouts = tuple[float, float]
LONGEST_ANSWER: Final = 1024 * 1024
LONGEST_WAIT: Final = 3600.0

CONFIGURED_WRONGLY: Final = (401, 402, 403, 404, 405, 407, 410)
"""About who we are and whom we ask, so it concerns all messages."""
NOT_NOW: Final = (408, 425, 429)
OUT_OF_ORDER: Final = (429, 502, 503)


def timeouts_of(way: WayFacts) -> Timeouts:
    return (TIMEOUTS[0], way.patience or TIMEOUTS[1])


class DirectSession(requests.Session):
    """Goes where it was sent and no further, with nobody's password but ours."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = "SegmentFlow"
        self.auth = _as_it_is

    def request(self, *args: Any, **options: Any) -> requests.Response:
        options["allow_redirects"] = False
        return super().request(*args, **options)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """In place of looking into ~/.netrc."""
    return request


class Calling:
    """What asks over HTTP, in one session that ends with it."""

    def __init__(self) -> None:
        self._session = DirectSession()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def words(self) -> str:
        return said(self.body[:2000].decode("utf-8", "replace"))


def ask(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeouts: Timeouts = TIMEOUTS,
    **options: Any,
) -> Answer | Handed:
    """The answer, or what it means that there is none."""
    try:
        with session.request(method, url, timeout=timeouts, stream=True, **options) as response:
            return Answer(response.status_code, _body(response), response.headers)
    except requests.RequestException as error:
        return unanswered(error, timeouts)
    except (UnicodeError, ValueError) as error:
        # A host or a header that cannot be sent at all.
        return Handed(Outcome.LATER, error=said(error), is_everybody=True)


def _body(response: requests.Response) -> bytes:
    """Its beginning; what was said with the status stands even if the rest never comes."""
    try:
        return response.raw.read(LONGEST_ANSWER, decode_content=True) or b""
    except (urllib3.exceptions.HTTPError, OSError):
        return b""


def unanswered(error: requests.RequestException, timeouts: Timeouts = TIMEOUTS) -> Handed:
    """Whether the request may have been taken."""
    if isinstance(error, requests.exceptions.SSLError):
        return _later("The server’s certificate or encryption is not valid.")
    if isinstance(error, requests.ConnectTimeout):
        return _later(f"There was no connection within {timeouts[0]:g} seconds.")
    if isinstance(error, requests.exceptions.ProxyError):
        return _later("The proxy could not be reached.")
    if isinstance(error, requests.ReadTimeout):
        return Handed(Outcome.UNCLEAR, error=f"There was no answer within {timeouts[1]:g} seconds.")
    if isinstance(error, requests.ConnectionError):
        if _never_connected(error):
            return _later("There is no connection to the server.")
        return Handed(Outcome.UNCLEAR, error="The connection broke before there was an answer.")
    if isinstance(error, ValueError):  # an address or a header that cannot be
        return _later(said(error))
    return Handed(Outcome.UNCLEAR, error=said(f"There was no answer: {type(error).__name__}"))


def _later(words: str) -> Handed:
    return Handed(Outcome.LATER, error=words, is_everybody=True)


def _never_connected(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    kinds = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return isinstance(reason, kinds)


def judged_status(answer: Answer, words: str, *, now: datetime) -> Handed:
    """What an answer that is no success means, as far as its status tells."""
    status = answer.status
    words = said(f"{status} {words}" if words else f"The answer was {status}.")
    wait = retry_after(answer.headers.get("Retry-After"), now=now)
    if status < 400:
        return _later(f"{words} Other addresses are not followed.")
    if status in CONFIGURED_WRONGLY:
        return _later(words)
    if status == 504:
        return Handed(Outcome.UNCLEAR, error=words)
    if status >= 500 or status in NOT_NOW:
        is_everybody = status in OUT_OF_ORDER or wait is not None
        return Handed(Outcome.LATER, error=words, wait_seconds=wait, is_everybody=is_everybody)
    return Handed(Outcome.REFUSED, error=words)


def retry_after(text: str | None, *, now: datetime) -> float | None:
    """Seconds, of the header's number or date."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
