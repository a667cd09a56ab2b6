"""The secret key of an installation and those of before, as backups carry them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.conf import settings

from segmentflow.database.location import Location

BEFORE: Final = ".before"
FROM_BACKUP: Final = ".from-backup"


def known_keys() -> tuple[str, ...]:
    """The present one first; nothing where none was made yet."""
    location: Location = settings.DATA
    present = os.environ.get("SECRET_KEY")
    if not present:
        try:
            present = location.secret_key.read_text().strip()
        except FileNotFoundError:
            return ()
    return (present, *settings.SECRET_KEY_FALLBACKS)


def take_over(keys: Sequence[str]) -> list[str]:
    """Those of a backup into use; answers what has to be told about that."""
    location: Location = settings.DATA
    place = location.secret_key
    if not keys:
        return [
            "The backup has no secret key: put the one it was made with in place before you start."
        ]
    told = []
    known = known_keys()
    if os.environ.get("SECRET_KEY"):
        missing = [key for key in keys if key not in known]
    else:
        if known and known[0] != keys[0]:
            place.replace(place.with_name(place.name + BEFORE))
            told.append(f"The secret key of before now lies in {place.name}{BEFORE}.")
        if not known or known[0] != keys[0]:
            _write(place, keys[:1])
            told.append("The secret key is that of the backup.")
        missing = [key for key in keys[1:] if key not in known[1:]]
    if missing:
        aside = place.with_name(place.name + FROM_BACKUP)
        _write(aside, missing)
        told.append(
            f"The backup knew secret keys that this environment does not: they lie in {aside}."
            " Name them in SECRET_KEY_FALLBACKS, or stored passwords and links of messages that were sent are lost."
        )
    return told


def _write(place: Path, keys: Sequence[str]) -> None:
    """Whole or not at all, and for its owner alone."""
    unfinished = place.with_name(f"{place.name}.new")
    unfinished.unlink(missing_ok=True)
    number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w") as file:
        file.write("\n".join([*keys, ""]))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(place)
