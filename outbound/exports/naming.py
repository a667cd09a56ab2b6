"""Names of files and of the folders they lie in: what people may write, and what becomes of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

PLACEHOLDERS: Final = ("segment", "date", "time")
LONGEST_NAME: Final = 150
DEEPEST: Final = 5

_PATTERN: Final = re.compile(r"(?:[A-Za-z0-9_. -]|\{(?:segment|date|time)\})+")
_FOLDER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,63}")


def wrong_pattern(pattern: str) -> str:
    """What is wrong with the pattern of a name, in words; empty: nothing."""
    if not _PATTERN.fullmatch(pattern):
        return (
            "A name has letters, digits, spaces, - _ . and the placeholders {segment}, {date}"
            " and {time}."
        )
    if pattern[0] in ". " or pattern[-1] in ". ":
        return "A name begins and ends with a letter, a digit, - or _."
    if len(pattern) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    return ""


def wrong_folder(folder: str) -> str:
    """The same for the folder, below the one that is allowed; the empty one is that itself."""
    if not folder:
        return ""
    parts = folder.split("/")
    if not all(_FOLDER.fullmatch(part) and part[-1] not in ". " for part in parts):
        return (
            "A folder is named by letters, digits, spaces, - _ and . and lies below the one for"
            " exports, such as crm/daily."
        )
    return f"At most {DEEPEST} folders lie in each other." if len(parts) > DEEPEST else ""


def filled(text: str, *, segment: str, at: datetime, zone: ZoneInfo) -> str:
    """With what stands for the placeholders; a time that clocks show twice is told apart."""
    local = at.astimezone(zone)
    values = {
        "segment": segment,
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H%M%S}{'b' if local.fold else ''}",
    }
    for name in PLACEHOLDERS:
        text = text.replace(f"{{{name}}}", values[name])
    return text
