"""Connections that say too little or too much: they are ended, and hold up nobody who asks properly."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial

import pytest

from segmentflow.processes.lifeline import die_with
from tests.system.installation import TOP, free_port, wait_until

PATH = "/healthz"
"""Needs no database."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a web server alone."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "segmentflow.processes.web", "127.0.0.1", str(port)],
        cwd=TOP,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "segmentflow.settings"},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(die_with, os.getpid(), signal.SIGTERM),
    )
    try:
        wait_until(lambda: _answers(port), what="the web server")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        return status_of(port) == 200
    except OSError:
        return False


def status_of(port: int, path: str = PATH, **headers: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status


def test_hundreds_who_never_end_their_headers_hold_up_nobody(port):
    with ExitStack() as stack:
        for _ in range(300):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        begun = time.monotonic()
        assert [status_of(port) for _ in range(20)] == [200] * 20
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"X-Long": "x" * 2_000_000}, 431), ({f"X-{n}": "x" for n in range(200)}, 431)],
)
def test_headers_that_are_too_large_are_refused(port, headers, status):
    assert status_of(port, **headers) == status
    assert status_of(port) == 200


def test_an_address_that_is_too_long_is_refused(port):
    assert status_of(port, f"{PATH}?{'x' * 100_000}") in (414, 431)


ODD = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\0" * 1_000,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("sent", ODD, ids=[repr(one[:20]) for one in ODD])
def test_what_is_no_request_is_ended(port, sent):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
        except TimeoutError:
            raise
        except OSError:  # Cut off before all was read.
            answer = b""
    assert not answer or not answer.startswith(b"HTTP/1.1 2"), answer
    assert status_of(port) == 200
