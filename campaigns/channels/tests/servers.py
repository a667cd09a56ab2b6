"""Servers on this machine that stand for those who deliver: a mail server and an HTTP server."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

HANG = "hang"
RESET = "reset"


class MailServer:
    """Answers each step as it was told to, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.answers: dict[str, list[str]] = {}
        """By step (HELO, MAIL, RCPT, DATA, CONTENT): what is said instead, one after the other."""
        self.port = 0

    def say(self, step: str, *answers: str) -> None:
        self.answers[step] = list(answers)

    def next(self, step: str) -> str:
        return self.answers[step].pop(0) if self.answers.get(step) else ""

    def handle(self, server: SMTP, step: str, otherwise: str) -> str:
        match self.next(step):
            case "":
                return otherwise
            case "close":
                server.transport.abort()
                return "250 nobody hears this"
            case "hang":
                time.sleep(0.5)
                return otherwise
            case answer:
                return answer

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self.handle(server, "MAIL", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.handle(server, "RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.handle(server, "CONTENT", "250 OK")
        if answer.startswith("250"):
            self.recipients += envelope.rcpt_tos
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer


class _Speaking(SMTP):  # type: ignore[misc] # aiosmtpd has no types
    """Can refuse before the content, too."""

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.handle(self, "DATA", "")
        if answer:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):  # type: ignore[misc] # aiosmtpd has no types
    def factory(self) -> SMTP:
        return _Speaking(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    handler = MailServer()
    controller = _Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    together: threading.Barrier | None = None
    """Is given when all who are to meet there have asked."""


class Gateway(ThreadingHTTPServer):
    """Gives the replies it was told to, one after the other, and the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply | str] = [Reply()]
        self.requests: list[Request] = []
        self.connections = self.at_once = self.most_at_once = 0
        self._counting = threading.Lock()

    def count(self, change: int) -> None:
        """Requests that are being answered."""
        with self._counting:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def say(self, *replies: Reply | str) -> None:
        self.replies = list(replies)

    def next(self) -> Reply | str:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    server: Gateway
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def _answer(self) -> None:
        self.server.count(1)
        try:
            self._answer_one()
        finally:
            self.server.count(-1)

    def _answer_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(Request(self.command, self.path, dict(self.headers), body))
        reply = self.server.next()
        if reply == RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.rfile.close()
            self.connection.close()
            return
        if reply == HANG:
            time.sleep(0.5)
            reply = Reply()
        assert isinstance(reply, Reply)
        if reply.together:
            reply.together.wait(timeout=10)
        answer = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        with contextlib.suppress(BrokenPipeError):  # nobody waits any more
            self._send(reply, answer)

    def _send(self, reply: Reply, answer: bytes) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Type" not in reply.headers:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        pass


@contextmanager
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
