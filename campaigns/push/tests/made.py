"""Browsers that subscribe, and a push service that is told what they get; both real, both here."""

from __future__ import annotations

import base64
import json
import os
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from campaigns.push.vapid import encoded


@dataclass(slots=True)
class MadeBrowser:
    """With the keys that never leave a browser."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def subscription(self) -> dict[str, Any]:
        public = self.private.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encoded(point), "auth": encoded(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def reads(self, body: bytes) -> dict[str, Any]:
        """What the service worker gets to see."""
        plain = http_ece.decrypt(
            body, private_key=self.private, auth_secret=self.secret, version="aes128gcm"
        )
        found: dict[str, Any] = json.loads(plain)
        return found


@dataclass(slots=True)
class Delivery:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def claims(self) -> dict[str, Any]:
        token = self.headers["authorization"].partition("t=")[2].partition(",")[0]
        middle = token.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=="))
        return found


class PushService:
    """Takes messages for browsers, and answers as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Delivery] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        """By the path; others are taken."""
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                service.answer(self)

            def log_message(self, *values: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=partial(self.server.serve_forever, 0.02))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def browser(self, name: str) -> MadeBrowser:
        return MadeBrowser(f"{self.url}/{name}")

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        status, headers = self.answers.get(request.path, (201, {}))
        if status == 0:
            request.connection.close()
            request.close_connection = True
            return
        headers_sent = {name.lower(): value for name, value in request.headers.items()}
        self.taken.append(Delivery(request.path, headers_sent, body))
        request.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name, value)
        request.end_headers()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
