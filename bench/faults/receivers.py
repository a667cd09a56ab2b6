"""Those who are told by the installation: a receiver of webhooks that keeps what came, in its order."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Told:
    """What came of a webhook so far."""

    moves: dict[str, list[int]] = field(default_factory=dict)
    """By the number of the request, those of its moves."""
    repeated: int = 0
    """Requests that came once more."""
    inside: dict[tuple[str, str], bool] = field(default_factory=dict)
    """By segment and external id, whether the contact is in it by what was told last."""
    wrong: list[str] = field(default_factory=list)
    """What must not happen."""
    _latest: dict[tuple[str, str], int] = field(default_factory=dict)
    _newest: str = ""

    def note(self, request_id: str, moves: list[dict[str, Any]]) -> None:
        ids = [move["id"] for move in moves]
        if request_id in self.moves:
            self.repeated += 1
            if self.moves[request_id] != ids:
                self.wrong.append(f"request {request_id} came again with other moves")
            if request_id != self._newest:
                self.wrong.append(f"request {request_id} came again after {self._newest}")
            return
        self.moves[request_id], self._newest = ids, request_id
        for move in moves:
            self._note_move(move)

    def _note_move(self, move: dict[str, Any]) -> None:
        of = move["segment"]["key"], str(move["contact"]["external_id"])
        if move["id"] <= self._latest.get(of, 0):
            self.wrong.append(f"move {move['id']} of {of} came after {self._latest[of]}")
        if self.inside.get(of, False) == move["entered"]:
            self.wrong.append(f"move {move['id']}: {of} did the same twice")
        self._latest[of], self.inside[of] = move["id"], move["entered"]

    def members(self) -> set[tuple[str, str]]:
        return {of for of, is_inside in self.inside.items() if is_inside}


class Receiver(ThreadingHTTPServer):
    """Takes everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told = Told()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["type"] == "segment.moves":
            with self.server.lock:
                self.server.told.note(self.headers["webhook-id"], body["moves"])
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
