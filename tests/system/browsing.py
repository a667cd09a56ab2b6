"""Somebody who signs in and fills in forms, as a browser without scripts does it."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar

from tests.system.load import Answer, named

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Person:
    def __init__(self, port: int, *, name: str, password: str) -> None:
        self._site = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/sign-in", username=name, password=password)

    def get(self, path: str) -> str:
        with self._opener.open(f"{self._site}{path}", timeout=60) as answer:
            return str(answer.read().decode())

    def ask(self, path: str, *, seconds: float = 10) -> Answer:
        """Whatever is answered, if anything."""
        try:
            with self._opener.open(f"{self._site}{path}", timeout=seconds) as answer:
                return Answer(answer.status, answer.read(), named(answer.headers))
        except urllib.error.HTTPError as problem:
            return Answer(problem.code, problem.read(), named(problem.headers))
        except (OSError, http.client.HTTPException):
            return Answer(None)

    def post(self, path: str, **form: str) -> str:
        """The address that one is sent on to."""
        sent = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self._token(path)}).encode()
        return self._send(path, sent, "application/x-www-form-urlencoded")

    def upload(self, path: str, *, name: str, content: bytes) -> str:
        mark = uuid.uuid4().hex
        parts = [
            ('name="csrfmiddlewaretoken"', self._token(path).encode()),
            (f'name="file"; filename="{name}"\r\nContent-Type: text/csv', content),
        ]
        body = b"".join(
            f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
            for head, value in parts
        )
        return self._send(
            path, body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
        )

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.get(path))
        assert found is not None, f"{path} has no form"
        return found[1]

    def _send(self, path: str, body: bytes, content_type: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - of our own server
            f"{self._site}{path}", body, {"Content-Type": content_type}
        )
        try:
            with self._opener.open(request, timeout=120) as answer:
                return urllib.parse.urlsplit(answer.url).path
        except urllib.error.HTTPError as problem:
            raise AssertionError(f"{path}: {problem.code} {problem.read()[:2000]!r}") from problem
