"""A PostgreSQL of its own, as somebody else runs it: behind a network, with a clock of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from bench.faults.clocks import Clock
from bench.faults.proxy import Network
from segmentflow.database.location import NAME, Location
from segmentflow.database.server import Server, environment
from tests.system.installation import free_port, wait_until


class Apart:
    def __init__(self, data: Path, clock: Clock | None) -> None:
        data.mkdir(mode=0o700)
        self.server, self.clock = Server(Location(data)), clock
        self.port = free_port()
        self._output = data.with_suffix(".output").open("wb")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        self.network = Network(self.port)

    def url(self, port: int) -> str:
        return f"postgresql://{NAME}@127.0.0.1:{port}/{NAME}"

    @property
    def direct_url(self) -> str:
        return self.url(self.port)

    @property
    def shown_url(self) -> str:
        """What the installation is given."""
        return self.url(self.network.port)

    def start(self) -> None:
        is_new = self._process is None
        self.server.prepare()
        self._process = subprocess.Popen(
            [
                *self.server.command(),
                *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"),
            ],
            env=environment() | (self.clock.environment if self.clock else {}),
            preexec_fn=self.server.entry(os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        admin = f"postgresql://{NAME}@127.0.0.1:{self.port}/postgres"
        wait_until(lambda: _answers(admin), what="PostgreSQL")
        if is_new:
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{NAME}"')

    def restart(self, *, down_seconds: float) -> None:
        self.stop()
        time.sleep(down_seconds)
        self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False
