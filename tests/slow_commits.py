"""Stands between the coordinator of a cluster and its workers, and keeps COMMIT PREPARED back when asked to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import connection

PATIENCE: Final = 20.0


class Gate:
    """What was prepared is committed while it is open, which it is at first."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._reached = threading.Event()

    @contextmanager
    def shut(self) -> Iterator[None]:
        self._reached.clear()
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def wait_until_reached(self) -> None:
        assert self._reached.wait(PATIENCE), "nothing was to be committed on a worker"

    def pass_through(self) -> None:
        if not self._open.is_set():
            self._reached.set()
            self._open.wait(PATIENCE)


@contextmanager
def gate_to_workers() -> Iterator[Gate]:
    """The workers are reached through it; needs connections without TLS (script/citus)."""
    gate = Gate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nodeid, nodename, nodeport FROM pg_dist_node WHERE groupid <> 0")
        workers = cursor.fetchall()
    servers = [(node, _forward(gate, host, port)) for node, host, port in workers]
    try:
        _move([(node, "127.0.0.1", server.getsockname()[1]) for node, server in servers])
        yield gate
    finally:
        _move(workers)
        for _, server in servers:
            server.close()


def _move(workers: list[tuple[int, str, int]]) -> None:
    with connection.cursor() as cursor:
        for worker in workers:
            cursor.execute("SELECT citus_update_node(%s, %s, %s)", worker)
        cursor.execute("SELECT start_metadata_sync_to_all_nodes()")
    connection.close()  # its own connections to the workers stay where they were


def _forward(gate: Gate, host: str, port: int) -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):  # closed
            while True:
                asking, _ = server.accept()
                answering = socket.create_connection((host, port))
                for pair in ((asking, answering), (answering, asking)):
                    threading.Thread(target=_pump, args=(gate, *pair), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server


def _pump(gate: Gate, source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if b"COMMIT PREPARED" in data:
                gate.pass_through()
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
