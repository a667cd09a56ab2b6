"""Posts to push services: encrypted lines, no redirects, bounded answers, and only to the internet.

A name may lead somewhere else each time it is asked (DNS rebinding), so it is resolved here, what
it leads to is checked, and the connection is made to just that.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from socket import socket
from typing import Any, Final

from django.conf import settings
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from segmentflow.addressing import is_public, resolved

PATIENCE: Final = Timeout(connect=5, read=10)
"""Seconds, for an address and for each part of an answer."""
LONGEST_ANSWER: Final = 1_000
MOST_ADDRESSES: Final = 3
MOST_POOLS: Final = 20


class NotConnected(Exception):
    """Nothing was sent."""


class NotPublic(Exception):
    """Nothing was sent, because the name leads to a network that is not the internet."""


class NotAnswered(Exception):
    """Something was sent, and there is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


class _Telling:
    """Says whether it was the connection that failed, before anything was sent."""

    def connect(self: Any) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except (HTTPError, OSError, ValueError) as problem:
            raise NotConnected(type(problem).__name__) from problem


class _Plain(_Telling, HTTPConnection):
    pass


class _Public(_Telling, HTTPSConnection):
    def _new_conn(self) -> socket:
        if settings.PUSH_ALLOW_PRIVATE:
            return super()._new_conn()
        name = self.host
        failed: Exception = NotPublic()
        found = [address for address in resolved(name, self.port) if is_public(address)]
        for address in found[:MOST_ADDRESSES]:
            try:
                self.host = str(address)
                return super()._new_conn()
            except NewConnectionError as problem:
                failed = problem
            finally:
                self.host = name  # certificates are for names
        raise failed


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _Public


class Transport:
    """Keeps its connections open until it is closed."""

    def __init__(self) -> None:
        self._pools = PoolManager(
            num_pools=MOST_POOLS, ssl_context=ssl.create_default_context(), timeout=PATIENCE
        )
        self._pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _PublicPool}

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises NotConnected, NotPublic or NotAnswered."""
        try:
            answer = self._pools.request(
                "POST",
                url,
                body=body,
                headers=dict(headers),
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                text = answer.read(LONGEST_ANSWER)
                if answer.read(1):
                    answer.close()  # what else it says is not waited for
            finally:
                answer.release_conn()
        except (HTTPError, OSError) as problem:
            raise NotAnswered(type(problem).__name__) from problem
        return Answer(answer.status, answer.headers, text.decode("utf-8", "replace"))

    def close(self) -> None:
        self._pools.clear()
