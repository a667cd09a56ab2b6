"""A server between a client and an installation that answers 503 now and then."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# By turns: what most requests get, a refusal, and a refusal of what was stored nevertheless.
TURNS = ("on", "on", "refused", "on", "on", "lost", "on")
PASSED_ON = ("Authorization", "Content-Type", "Content-Encoding", "Content-Length")


class Trouble(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = port
        self.seen: Counter[str] = Counter()
        self.answered: Counter[int] = Counter()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def turn(self) -> str:
        with self._lock:
            turn = TURNS[self.seen.total() % len(TURNS)]
            self.seen[turn] += 1
        return turn


class _Handler(BaseHTTPRequestHandler):
    server: Trouble
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        turn = self.server.turn()
        status, answer = 503, b'{"code": "trouble", "message": "Try again."}'
        if turn != "refused":
            reached, read = self._pass_on(body)
            self.server.answered[reached] += 1
            if turn == "on":
                status, answer = reached, read
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _pass_on(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=60)
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        try:
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def trouble(port: int) -> Iterator[Trouble]:
    """In the way to the installation at the port."""
    with Trouble(port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
