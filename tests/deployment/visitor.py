"""Somebody in front of the proxy, who uses the installation as people and programs do."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

NAME = "segments.example.com"


class Visitor:
    def __init__(self, folder: Path, certificate: Path | None) -> None:
        self._jar = folder / "cookies"
        self._options = ["--silent", "--show-error", "--max-time", "120"]
        if certificate is not None:
            self._options += ["--cacert", str(certificate)]
            for port in (80, 443):
                self._options += ["--resolve", f"{NAME}:{port}:127.0.0.1"]

    def ask(self, address: str, *more: str) -> tuple[int, str, str]:
        """Status, headers and body."""
        jar = str(self._jar)
        said = subprocess.run(
            ["curl", *self._options, "--cookie", jar, "--cookie-jar", jar, "--dump-header", "-", *more, address],  # noqa: S607 - as found
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        head, body = "", said.stdout
        while body.startswith("HTTP/"):  # one of 100 Continue, too
            head, _, body = body.partition("\n\n")  # \r goes while it is read as text
        return int(head.split()[1]), head.lower(), body

    def until_ready(self, address: str, *, seconds: float = 180) -> float:
        begun = time.monotonic()
        while True:
            try:
                if self.ask(address)[0] < 400:  # whoever is signed in is sent on
                    return time.monotonic() - begun
            except AssertionError:
                pass
            assert time.monotonic() - begun < seconds, f"{address} does not answer"
            time.sleep(0.2)

    def sign_in(self, site: str, password: str) -> None:
        _, _, page = self.ask(f"{site}/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page[:500]
        values = {"csrfmiddlewaretoken": token[1], "username": "admin", "password": password}
        fields = [part for item in values.items() for part in ("--data-urlencode", "=".join(item))]
        for _ in range(5):
            status, head, body = self.ask(
                f"{site}/sign-in", "--referer", f"{site}/sign-in", *fields
            )
            if status != 503:  # which says: in a moment
                break
            time.sleep(2)
        assert status == 302, f"{status}\n{head}\n{body[:2000]}"

    def send(self, site: str, key: str, path: str, values: Any) -> int:
        headers = [f"Authorization: Bearer {key}", "Content-Type: application/json"]
        given = [part for header in headers for part in ("--header", header)]
        return self.ask(f"{site}{path}", *given, "--data", json.dumps(values))[0]
