"""Whether there is room left on the disc of the data directory."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings

LEAST: Final = 48 * 1024 * 1024
"""PostgreSQL takes its log in pieces of 16 MB, and needs one to begin again after a crash."""
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


def is_full() -> bool:
    """Of the database that came along; another one's disc cannot be seen from here."""
    return is_database_here() and _free(settings.DATA.cluster) < LEAST


def is_about_room(problem: BaseException | None) -> bool:
    """Whether a file could not be written because nothing is free."""
    return isinstance(problem, OSError) and problem.errno in NO_ROOM


def is_database_here() -> bool:
    database = settings.DATABASES["default"]
    host = database.get("OPTIONS", {}).get("host") or database.get("HOST")
    return bool(host == str(settings.DATA.sockets))


def _free(path: Path) -> int:
    try:
        return shutil.disk_usage(path).free
    except OSError:  # nobody has made it yet, or may look there
        return LEAST
