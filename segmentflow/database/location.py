"""Where an installation keeps what is its own: the data directory and what lies in it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

SYSTEM_DIRECTORY = Path("/var/lib/segmentflow")
NAME = "segmentflow"
"""Of the database and of its one user."""

# sun_path holds 108 bytes with the final NUL; the rest is for "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Location:
    """The data directory; everything in it is made when it is first needed."""

    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / "postgres"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret_key"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def imports(self) -> Path:
        """Files of contacts that are being imported."""
        return self.root / "imports"

    @property
    def exports(self) -> Path:
        """Files of scheduled exports, unless EXPORT_DIR names another folder."""
        return self.root / "exports"

    @property
    def spool(self) -> Path:
        """Files on their way to an address."""
        return self.root / "spool"

    @property
    def overrides(self) -> Path:
        """PostgreSQL settings of the operator, which win over ours."""
        return self.root / "postgresql.conf"

    @cached_property
    def sockets(self) -> Path:
        """The directory of the unix socket, elsewhere when its path would be too long."""
        inside = self.root / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
            return inside
        return Path("/tmp") / f"segmentflow-{os.geteuid()}-{self.digest}"  # noqa: S108 - server.py refuses one that is not ours

    @property
    def digest(self) -> str:
        """Tells this data directory from others in a directory shared by all."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    @property
    def url(self) -> str:
        return self.url_of(NAME)

    def url_of(self, database: str) -> str:
        return f"postgresql://{NAME}@/{database}?host={quote(str(self.sockets), safe='/')}"


def installation() -> Location:
    """The installation that this environment means."""
    if chosen := os.environ.get("SEGMENTFLOW_DATA_DIR"):
        return Location(Path(chosen).expanduser().absolute())
    if os.geteuid() == 0:
        return Location(SYSTEM_DIRECTORY)
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Location(Path(home).expanduser().absolute() / "segmentflow")
