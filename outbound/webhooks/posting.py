"""One request to a receiver: to an address that was looked at, without redirects, and with an end.

Each has a connection of its own, so that nothing of one receiver is left for another. Proxies of
the environment are not asked: they would connect to what was not looked at.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from socket import SHUT_RDWR, socket
from typing import IO, Any, Final

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from outbound.webhooks.addressing import Allowed, NotAllowed, Place, addresses_of, place_of
from segmentflow.addressing import Address

SECONDS: Final = 10.0
"""From the first look at the address to the answer."""
CONNECT_SECONDS: Final = 5.0
LONGEST_ANSWER: Final = 4_096


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    body: bytes | IO[bytes]
    """A file is sent piece by piece; the headers say how long it is."""
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, or why nothing did."""

    status: int | None
    text: str = ""
    """How it began."""
    error: str = ""
    retry_after: str = ""
    milliseconds: int = 0


Post = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts as this installation may."""

    allowed: Allowed
    seconds: float = SECONDS
    piece_seconds: float = SECONDS
    """For each piece that is sent or read, where all of it may take longer."""

    def __call__(self, request: Request) -> Answer:
        begun = time.monotonic()
        answer = self._answer(request, until=begun + self.seconds)
        spent = int((time.monotonic() - begun) * 1000)
        return Answer(answer.status, answer.text, answer.error, answer.retry_after, spent)

    def _answer(self, request: Request, *, until: float) -> Answer:
        try:
            place = place_of(request.url)
            found = addresses_of(place, allowed=self.allowed)
        except NotAllowed as problem:
            return Answer(None, error=str(problem))
        except (OSError, UnicodeError):
            return Answer(None, error="The name of the receiver leads nowhere.")
        try:
            return self._ask(request, place, found, until)
        except (HTTPError, OSError, http.client.HTTPException, ValueError) as problem:
            return Answer(None, error=self._why(problem, until))

    def _ask(
        self, request: Request, place: Place, found: Sequence[Address], until: float
    ) -> Answer:
        connection = _connection(place, found, until=until)
        seconds = until - time.monotonic()
        with _ended_by(connection, seconds=seconds, piece=self.piece_seconds) as note:
            connection.connect()
            note(connection.sock)
            connection.request(
                request.method,
                place.target,
                body=request.body,
                headers={
                    "Host": place.host_header,
                    "User-Agent": "SegmentFlow",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    **request.headers,
                },
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
            return Answer(
                answer.status, _text(answer), retry_after=answer.headers.get("Retry-After", "")
            )

    def _why(self, problem: Exception, until: float) -> str:
        if isinstance(problem, TimeoutError | ssl.SSLWantReadError) or time.monotonic() >= until:
            return f"There was no answer within {self.seconds:g} seconds."
        if isinstance(problem, ssl.SSLError):
            reason = getattr(problem, "verify_message", "") or problem.reason or "encryption failed"
            return f"The receiver’s certificate or encryption is not valid: {reason}."
        if isinstance(problem, NewConnectionError):
            return "There is no connection to the receiver."
        return "The connection broke before there was an answer."


class _Pinned:
    """Connects to one of the addresses that were looked at, whatever the name leads to by then."""

    found: Sequence[Address]
    until: float

    def _new_conn(self: Any) -> Any:  # of the connection that this is mixed into
        name = self.host
        failed: Exception | None = None
        for address in self.found:
            left = self.until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.timeout = min(left, CONNECT_SECONDS)
            try:
                self.host = str(address)
                return super()._new_conn()  # type: ignore[misc]
            except (HTTPError, OSError) as problem:
                failed = problem
            finally:
                self.host = name  # certificates are for names
        raise failed or OSError("no address")


class _Plain(_Pinned, HTTPConnection):
    pass


class _Encrypted(_Pinned, HTTPSConnection):
    pass


@cache
def _certificates() -> ssl.SSLContext:
    """Reading the authorities takes longer than a request."""
    return ssl.create_default_context()


def _connection(place: Place, found: Sequence[Address], *, until: float) -> _Plain | _Encrypted:
    connection: _Plain | _Encrypted
    if place.scheme == "https":
        connection = _Encrypted(place.host, place.port, ssl_context=_certificates())
    else:
        connection = _Plain(place.host, place.port)
    connection.found, connection.until = found, until
    return connection


@contextmanager
def _ended_by(
    connection: HTTPConnection, *, seconds: float, piece: float
) -> Iterator[Callable[[socket | None], None]]:
    """Time limits of sockets are for each piece: who sends a letter a second would never be late."""
    known: list[socket] = []

    def note(one: socket | None) -> None:
        """The connection lets go of it when the answer begins."""
        if one is not None:
            one.settimeout(max(min(seconds, piece), 0.001))
            known.append(one)

    def end() -> None:
        one = known[0] if known else connection.sock
        with suppress(OSError, AttributeError):
            one.shutdown(SHUT_RDWR)

    timer = threading.Timer(max(seconds, 0), end)
    timer.daemon = True
    timer.start()
    try:
        yield note
    finally:
        timer.cancel()
        connection.close()


def _text(answer: HTTPResponse) -> str:
    """The status stands, even if the rest never comes."""
    try:
        raw = answer.read(LONGEST_ANSWER)
    except (HTTPError, OSError, http.client.HTTPException, ValueError):
        return ""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd").strip()
