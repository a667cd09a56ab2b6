"""From nothing to a running installation, and back."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import connections

from segmentflow import installation
from segmentflow.database.location import Location
from segmentflow.database.lock import DataLock
from segmentflow.database.migrating import one_at_a_time
from segmentflow.database.server import (
    RECOVERY_SECONDS,
    STOP_SECONDS,
    Server,
    ServerFailed,
    environment,
)
from segmentflow.database.temporary import make_root
from segmentflow.logs.lines import as_line, is_json
from segmentflow.processes.child import Program
from segmentflow.processes.supervisor import Stopped, Supervisor, write

WEB_SECONDS = 60
TRIES = 3
"""A process that dies so often before the first page was served will not come up at all."""


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    workers: int
    demo: bool = True
    """Whether demonstration data may come, and its events arrive."""
    serves: bool = True
    """Whether this machine answers requests."""
    works: bool = True
    """Whether its workers share in what is to be done."""

    @property
    def is_local(self) -> bool:
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"


class PortTaken(Exception):
    """Something else listens where we should."""


def run(options: Options) -> int:
    """Start everything, keep it running until told to stop; the exit status."""
    location: Location = settings.DATA
    make_root(location)
    lock = DataLock(location.lock).take(purpose="manage.py up")
    supervisor = Supervisor(location.root)
    try:
        if options.serves:
            check_port(options)
        supervisor.listen()
        if not settings.WAKE_CLUSTER:
            supervisor.say("SEGMENTFLOW_WAKE=0 is for tests, and is left aside")
        password = _prepare(supervisor, location, options)
        _start_programs(supervisor, options)
        _announce(options, password)
        supervisor.run()
    except Stopped:
        pass
    finally:
        supervisor.say("stopping")
        supervisor.stop()
        lock.release()
    return 0


def check_port(options: Options) -> None:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((options.host, options.port))
        except (OSError, OverflowError) as problem:
            raise PortTaken(
                f"Cannot listen on {options.host}, port {options.port}: {problem}. "
                "Choose another with --port or --host."
            ) from None


def _prepare(supervisor: Supervisor, location: Location, options: Options) -> str | None:
    """Everything before the first page; the first administrator's password, if just made."""
    installation.keep_secret_key(location)
    is_shared = bool(os.environ.get("DATABASE_URL"))
    if not is_shared:
        _start_database(supervisor, Server(location))
        os.environ["DATABASE_URL"] = location.url
    migrate = partial(installation.migrate_database, lambda: supervisor.is_stopping)
    steps = (installation.check_server, migrate, installation.apply_zone)
    for step in steps:
        step()
        if supervisor.is_stopping:
            raise Stopped
    with one_at_a_time(supervisor.say):
        password = installation.make_first_admin()
    machine = installation.join_machines(location, is_shared=is_shared)
    os.environ["SEGMENTFLOW_MACHINE"] = machine
    connections.close_all()
    if options.serves:
        installation.collect_static(location, _environment(options))
    return password


def _start_database(supervisor: Supervisor, server: Server) -> None:
    server.prepare()
    child = supervisor.start(
        Program(
            name="database",
            command=server.command(),
            environment=environment(),
            stop_signal=server.stop_signal,
            stop_seconds=STOP_SECONDS,
            before_start=server.clear_remains,
            entry=server.entry,
        )
    )
    supervisor.wait_for(lambda: server.is_ready() or not child.is_running, seconds=RECOVERY_SECONDS)
    if not server.is_ready():
        raise ServerFailed("PostgreSQL did not start; its last lines are above.")
    server.create_database()


def _start_programs(supervisor: Supervisor, options: Options) -> None:
    if options.serves:
        address = (options.host, str(options.port))
        web = supervisor.start(
            _program("web", options, "-m", "segmentflow.processes.web", *address)
        )
    if options.works:
        supervisor.start(_program("cluster", options, "-m", "segmentflow.processes.cluster"))
        supervisor.start(_program("watch", options, "manage.py", "watch"))
        if options.demo:
            supervisor.start(_program("demo", options, "manage.py", "demo_stream"))
    if options.serves:
        supervisor.wait_for(lambda: _answers(options) or not web.is_running, seconds=WEB_SECONDS)


def _program(name: str, options: Options, *arguments: str) -> Program:
    return Program(
        name=name,
        command=[sys.executable, *arguments],
        environment=_environment(options),
        directory=settings.BASE_DIR,
    )


def _environment(options: Options) -> dict[str, str]:
    """What our own processes must know."""
    hosts = "localhost,127.0.0.1,[::1]" if options.is_local else "*"
    return {
        "ALLOWED_HOSTS": hosts,
        "DJANGO_SETTINGS_MODULE": "segmentflow.settings",
        "PUBLIC_URL": options.address.rstrip("/"),
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "SEGMENTFLOW_DATA_DIR": str(settings.DATA.root),
        "SEGMENTFLOW_DEMO": "1" if options.demo else "0",
        "SEGMENTFLOW_STATIC": "collected",
        "SEGMENTFLOW_SUPERVISOR": str(os.getpid()),
        # A cluster that nobody asks for anything would be taken for a silent one, again and again.
        "SEGMENTFLOW_WAKE": "1",
        "SEGMENTFLOW_WORKERS": str(options.workers),
    }


def _answers(options: Options) -> bool:
    """Any answer will do, a refusal too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104 - read, not bound
    connection = http.client.HTTPConnection(host, options.port, timeout=2)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _announce(options: Options, password: str | None) -> None:
    where = f"runs at {options.address}" if options.serves else "works here, without pages"
    lines = ["", f"  SegmentFlow {where}"]
    if password is not None and not os.environ.get("SEGMENTFLOW_ADMIN_PASSWORD"):
        lines += [
            f"  Sign in as '{installation.FIRST_ADMIN}' with the password  {password}",
            "  (shown this once; 'manage.py changepassword admin' sets another)",
        ]
    lines += ["  Ctrl-C stops it.", ""]
    if is_json():
        at = datetime.now(UTC)
        lines = [as_line(line.strip(), name="up", at=at) for line in lines if line]
    write("\n".join(lines))
