"""The examples of a document, run in their order: what a reader would paste, and what the page says comes back."""

from __future__ import annotations

import contextlib
import io
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.installation import wait_until

MASK = "…"
PATIENCE_SECONDS = 60
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?:#|//) (\w+\.\w+)\n")
STARTED = re.compile(r"(?:python3|node) (\w+\.\w+)\n")


@dataclass(frozen=True)
class Block:
    kind: str
    """`sh`, `python` and `js` are done; `json` and `text` are what comes of it."""
    text: str
    line: int


def blocks_of(document: str) -> Iterator[Block]:
    for found in BLOCK.finditer(document):
        yield Block(found[1], found[2], document.count("\n", 0, found.start()) + 1)


@dataclass
class Reader:
    """Somebody with a terminal, a Python prompt, and a second terminal for what keeps running."""

    top: Path
    folder: Path
    environment: dict[str, str]
    port: int
    """Where the programs of the document listen here."""
    instead: dict[str, str]
    """Addresses that are others in a test."""
    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "guide"})
    said: str = ""
    """By what was done last."""
    running: subprocess.Popen[bytes] | None = None

    def follow(self, block: Block) -> None:
        text = self._here(block.text)
        if block.kind in ("json", "text"):
            self._compare(text, as_json=block.kind == "json")
        elif named := FILE.match(text):
            (self.folder / named[1]).write_text(text)
        elif started := STARTED.fullmatch(block.text):
            self._start(text.split()[0], started[1])
        elif block.kind == "sh":
            self._paste(text)
        else:
            self._prompt(text, block.line)

    def _here(self, text: str) -> str:
        for before, after in self.instead.items():
            text = re.sub(rf"(?<![\w.]){re.escape(before)}(?!\d)", after, text)
        return text

    def _paste(self, text: str) -> None:
        """Into a shell that remembers what was exported."""
        kept = self.folder / "environment"
        ran = subprocess.run(
            ["/bin/sh", "-e"],
            input=f"{text}\nenv -0 > '{kept}'",
            cwd=self.top,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        pairs = kept.read_text().split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        self.said = ran.stdout

    def _prompt(self, text: str, line: int) -> None:
        printed = io.StringIO()
        code = compile("\n" * line + text, "the guide", "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, self.namespace)  # noqa: S102 - our own document
        self.said = printed.getvalue()

    def _start(self, program: str, name: str) -> None:
        """Until it listens: by then it has said where."""
        self.stop()
        with self._output.open("w") as output:
            self.running = subprocess.Popen(
                [program, name],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
            )
        wait_until(self._is_listening, what=f"{name} to listen")

    @property
    def _output(self) -> Path:
        return self.folder / "output"

    def _is_listening(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _compare(self, shown: str, *, as_json: bool) -> None:
        said = self.said
        if not said and self.running:
            wanted = shown.count("\n")
            wait_until(lambda: self._output.read_text().count("\n") >= wanted, what=shown)
            said = self._output.read_text()
        if as_json:
            expected, found = json.loads(shown), json.loads(said)
            assert masked(found, expected) == expected, said
        else:
            assert _lines(said) == _lines(shown), said


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def masked(found: Any, expected: Any) -> Any:
    """What was found, with `…` where the page has it, and without what it leaves out there."""
    if expected == MASK:
        return expected
    if isinstance(expected, dict) and isinstance(found, dict):
        if MASK in expected:
            found = {key: value for key, value in found.items() if key in expected} | {MASK: MASK}
        return {
            key: expected.get(key)
            if key == "id"
            else masked(value, expected.get(key, "nothing of that name"))
            for key, value in found.items()
        }
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [masked(one, other) for one, other in zip(found, expected, strict=True)]
    return found
