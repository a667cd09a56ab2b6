"""Starting, finding and stopping the embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from segmentflow.database import tuning
from segmentflow.database.binaries import programs_for
from segmentflow.database.identity import Identity, choose_identity, place_for
from segmentflow.database.location import NAME, Location
from segmentflow.processes.lifeline import die_with

RECOVERY_SECONDS = 900
"""After a crash PostgreSQL replays its log before it answers; a full log takes minutes."""
STOP_SECONDS = 20
"""Whatever is not written by then is written by the recovery at the next start."""
ORPHAN_SECONDS = 10


class ServerFailed(Exception):
    """PostgreSQL did not start; the message says why."""


class Server:
    """The PostgreSQL of one data directory, whose lock the caller holds."""

    stop_signal = signal.SIGINT
    """A fast shutdown: sessions are ended, everything is written."""

    def __init__(self, location: Location, *, throwaway: bool = False) -> None:
        self.location = location
        self._throwaway = throwaway
        self._identity: Identity | None = None
        self._programs = Path()

    def prepare(self) -> None:
        """Make everything that the server needs, as far as it is not there yet."""
        identity = self._identity = choose_identity()
        self._programs = programs_for(identity)
        place = place_for(identity, self.location.root, self.location.digest)
        self._make_sockets(place, identity)
        self._make_cluster(place, identity)
        self._write_settings(place / "postgres", identity)

    def clear_remains(self) -> None:
        """After a kill -9: wait for what is left of the old server, then remove its marks.

        PostgreSQL itself takes any living process with the old number for its old self.
        """
        patience = time.monotonic() + ORPHAN_SECONDS
        while remains := processes_in(self.location.cluster):
            if time.monotonic() > patience:
                for pid in remains:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        (self.location.cluster / "postmaster.pid").unlink(missing_ok=True)
        for left in self.location.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def command(self) -> list[str]:
        return [
            str(self._programs / "postgres"),
            *("-D", str(self.location.cluster.resolve())),
            *("-c", "listen_addresses="),
            *("-c", f"unix_socket_directories={self.location.sockets.resolve()}"),
            *("-c", "unix_socket_permissions=0700"),
        ]

    def entry(self, owner: int) -> Callable[[], None]:
        """What the new process does before it becomes PostgreSQL."""
        identity = self._identity
        assert identity is not None, "prepare() first"  # noqa: S101 - a mistake of ours, not of the user
        # Should the owner be killed, at once: a fast shutdown that comes while PostgreSQL recovers
        # from the death of a backend never ends. The next start recovers.
        return _entry(identity, owner, signal.SIGQUIT)

    def is_ready(self) -> bool:
        # Asked before it is ready, it writes an alarming line into its log.
        try:
            if not (self.location.cluster / "postmaster.pid").read_text().endswith("ready   \n"):
                return False
        except OSError:
            return False
        try:
            with psycopg.connect(self.location.url_of("postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def create_database(self) -> None:
        with psycopg.connect(self.location.url_of("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
            if found.rowcount == 0:
                connection.execute(f'CREATE DATABASE "{NAME}"')

    def _make_sockets(self, place: Path, identity: Identity) -> None:
        sockets = self.location.sockets
        if sockets.parent == self.location.root:
            sockets = sockets.resolve()
            if place != self.location.root:
                sockets = place / "run"
                _link(self.location.sockets, sockets)
        with contextlib.suppress(FileExistsError):
            sockets.mkdir(mode=0o700)
        found = sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), identity.uid):
            raise ServerFailed(f"{sockets} belongs to somebody else.")
        identity.own(sockets)

    def _make_cluster(self, place: Path, identity: Identity) -> None:
        cluster = place / "postgres"
        if place != self.location.root:
            _link(self.location.cluster, cluster)
        if cluster.exists():
            self._check_version(cluster)
            identity.own(cluster)
            return
        # Under another name until it is whole: a start that was interrupted begins anew.
        unfinished = place / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        identity.own(unfinished)
        self._initdb(unfinished, identity)
        unfinished.rename(cluster)

    def _initdb(self, directory: Path, identity: Identity) -> None:
        made = subprocess.run(
            [
                self._programs / "initdb",
                *("-D", directory),
                *("-U", NAME),
                *("-A", "trust"),  # the socket's directory lets nobody else in
                *("-E", "UTF8"),
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                *(["--no-sync"] if self._throwaway else []),
            ],
            preexec_fn=_entry(identity, os.getpid(), signal.SIGKILL),
            env=environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise ServerFailed(f"initdb failed in {directory}:\n{made.stderr.strip()}")

    def _check_version(self, cluster: Path) -> None:
        has = (cluster / "PG_VERSION").read_text().strip()
        ours = subprocess.run(
            [self._programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        if ours.partition(".")[0] != has:
            raise ServerFailed(
                f"{cluster} was made by PostgreSQL {has}, the installed one is {ours}. "
                "docs/upgrading.md says how to move the data."
            )

    def _write_settings(self, cluster: Path, identity: Identity) -> None:
        settings = tuning.settings_for(tuning.memory_limit(), free=shutil.disk_usage(cluster).free)
        if self._throwaway:
            settings |= tuning.throwaway_settings()
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        if self.location.overrides.exists():
            lines += ["# From the data directory's postgresql.conf:"]
            lines += [self.location.overrides.read_text()]
        ours = cluster / "segmentflow.conf"
        ours.write_text("\n".join(["# Written anew at every start.", *lines, ""]))
        os.chown(ours, identity.uid, identity.gid)
        main = cluster / "postgresql.conf"
        if "segmentflow.conf" not in main.read_text():
            with main.open("a") as file:
                file.write("\ninclude = 'segmentflow.conf'\n")


def _entry(identity: Identity, owner: int, at_its_end: signal.Signals) -> Callable[[], None]:
    def enter() -> None:
        identity.enter()
        # After the change of user, which would clear it.
        die_with(owner, at_its_end)

    return enter


def environment() -> dict[str, str]:
    """Nothing of ours, so that a PGDATA or LC_ALL of the caller changes nothing."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "TZ": "UTC"}


def processes_in(cluster: Path) -> list[int]:
    """Every process of a PostgreSQL that works in `cluster`; each has it as its directory."""
    found = []
    home = str(cluster.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                program = str((entry / "exe").readlink()).removesuffix(" (deleted)")
                if str((entry / "cwd").readlink()) == home and Path(program).name == "postgres":
                    found.append(int(entry.name))
    return found


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if os.path.lexists(link):
        raise ServerFailed(f"{link} cannot be reached by the user that PostgreSQL runs as.")
    link.symlink_to(target)
