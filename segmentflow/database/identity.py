"""Whom PostgreSQL runs as. It refuses root, and root's files must stay root's."""

from __future__ import annotations

import ctypes
import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmentflow.database.location import SYSTEM_DIRECTORY

CLONE_NEWUSER = 0x10000000
PREFERRED_USERS = ("segmentflow", "postgres", "nobody")

_libc = ctypes.CDLL(None, use_errno=True)


class NoIdentity(Exception):
    """PostgreSQL cannot run here; the message says what to do."""


@dataclass(frozen=True)
class Identity:
    """`enter` is called in the new process; what it writes belongs to `uid` and `gid`."""

    uid: int
    gid: int
    enter: Callable[[], None]

    def can(self, attempt: Callable[[], bool]) -> bool:
        """Try something as this identity, in a process that is gone afterwards."""
        child = os.fork()
        if child == 0:
            try:
                self.enter()
                os._exit(0 if attempt() else 1)
            except BaseException:  # noqa: BLE001 - whatever it was, this copy of us must end here
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def can_reach(self, directory: Path) -> bool:
        return self.can(lambda: os.access(directory, os.X_OK, effective_ids=True))

    def own(self, directory: Path) -> None:
        """Make a directory of ours, with all that is in it, belong to this identity."""
        if os.geteuid() != 0 or directory.stat().st_uid == self.uid:
            return
        # From the bottom up: one that was interrupted is begun anew.
        for folder, _, files in os.walk(directory, topdown=False):
            for name in files:
                os.chown(Path(folder, name), self.uid, self.gid, follow_symlinks=False)
            os.chown(folder, self.uid, self.gid)


def choose_identity() -> Identity:
    """Ourselves; for root an unprivileged view of itself, else an unprivileged user."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), lambda: None)
    if name := os.environ.get("SEGMENTFLOW_POSTGRES_USER"):
        return _system_user(name)
    seen_as = _unprivileged_entry()
    inside = Identity(0, 0, lambda: _enter_namespace(seen_as.pw_uid, seen_as.pw_gid))
    if inside.can(lambda: os.geteuid() != 0):
        return inside
    return _system_user(seen_as.pw_name)


def _unprivileged_entry() -> pwd.struct_passwd:
    """A user that exists, because PostgreSQL looks its name up."""
    entries = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in PREFERRED_USERS:
        if name in entries:
            return entries[name]
    raise NoIdentity(
        "PostgreSQL does not run as root, and there is no user 'nobody' to run it as. "
        "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
    )


def _system_user(name: str) -> Identity:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise NoIdentity(f"SEGMENTFLOW_POSTGRES_USER: there is no user {name!r}.") from None

    def enter() -> None:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)

    identity = Identity(entry.pw_uid, entry.pw_gid, enter)
    if entry.pw_uid == 0 or not identity.can(lambda: os.geteuid() != 0):
        raise NoIdentity(
            f"PostgreSQL does not run as root, and we may not become {name!r} here. "
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    return identity


def _enter_namespace(uid: int, gid: int) -> None:
    """Be seen as `uid` by ourselves only; to everybody else we stay root, without its powers.

    No other user's files are touched and no permission has to be widened.
    """
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} 0 1")
    Path("/proc/self/gid_map").write_text(f"{gid} 0 1")


def place_for(identity: Identity, root: Path, digest: str) -> Path:
    """`root`, or a directory of our own where `identity` cannot get at it."""
    if identity.can_reach(root):
        return root
    SYSTEM_DIRECTORY.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = SYSTEM_DIRECTORY / digest
    place.mkdir(mode=0o711, exist_ok=True)
    if not identity.can_reach(place):
        raise NoIdentity(
            f"The user that PostgreSQL runs as can reach neither {root} nor {SYSTEM_DIRECTORY}. "
            "Set SEGMENTFLOW_DATA_DIR to a directory it can reach, or DATABASE_URL to a server."
        )
    return place
