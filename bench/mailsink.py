"""A mail server that takes everything and says when: a process of its own, with nothing in its way.

For each message that it took it prints `address seconds` (of the monotonic clock).
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """As little of SMTP as a client needs that names one recipient."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._said, self._is_content, self._to = b"", False, ""
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._said += data
        while (at := self._said.find(END if self._is_content else b"\r\n")) >= 0:
            line, after = self._said[:at], at + (len(END) if self._is_content else 2)
            self._said = self._said[after:]
            self._transport.write(self._taken() if self._is_content else self._answer(line))

    def _taken(self) -> bytes:
        self._is_content = False
        print(self._to, time.monotonic())
        return b"250 OK\r\n"

    def _answer(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"EHLO":
                return b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            case b"RCPT":
                self._to = line.decode().partition("<")[2].partition(">")[0]
            case b"DATA":
                self._is_content = True
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 bye\r\n"
        return b"250 OK\r\n"


class Sink:
    """The process, and what it took so far: when, by address."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port = port
        self.taken: dict[str, float] = {}
        self.twice: list[str] = []
        self._process = process
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            address, _, at = line.partition(" ")
            if address in self.taken:
                self.twice.append(address)
            self.taken[address] = float(at)

    def forget(self) -> None:
        self.taken, self.twice = {}, []

    def wait_for(self, address: str, *, patience: float) -> float:
        """When it took a message to the address."""
        until = time.monotonic() + patience
        while address not in self.taken:
            if time.monotonic() > until:
                raise SystemExit(f"no message to {address} within {patience} s")
            time.sleep(0.001)
        return self.taken[address]


@contextmanager
def sink(port: int) -> Iterator[Sink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mailsink", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Sink(port, process)
    finally:
        process.kill()
        process.wait()


async def serve(port: int) -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    server = await asyncio.get_running_loop().create_server(Conversation, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
