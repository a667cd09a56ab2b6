"""What an export is to be: checked as a whole, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.channels.secrets import Unreadable, unseal
from contacts.problems import Problem, Refused, quoted
from outbound.exports.models import Export
from outbound.exports.naming import filled, wrong_folder, wrong_pattern
from outbound.exports.snapshot import columns_known
from outbound.webhooks.addressing import LONGEST, allowed_here, wrong_url

Place, Schedule = Export.Place, Export.Schedule

USUAL_PATTERN: Final = "{segment}-{date}-{time}"
LONGEST_NAME: Final = 100
LONGEST_URL: Final = LONGEST
MOST_KEPT: Final = 10_000
MOST_COLUMNS: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    columns: Sequence[str]
    kind: str = Export.Kind.CSV
    is_gzip: bool = False
    schedule: str = Schedule.DAILY
    at: time = time(6, 0)
    weekdays: Sequence[int] = ()
    place: str = Place.FOLDER
    folder: str = ""
    pattern: str = USUAL_PATTERN
    keeps: int = 30
    method: str = Export.Method.PUT
    url: str = field(default="", repr=False)
    """With what may be secret in it."""


def wanted_of(export: Export) -> Wanted:
    """As it is now; an address that cannot be read any more is empty."""
    return Wanted(
        name=export.name,
        columns=tuple(export.columns),
        kind=export.kind,
        is_gzip=export.is_gzip,
        schedule=export.schedule,
        at=export.at,
        weekdays=tuple(export.weekdays),
        place=export.place,
        folder=export.folder,
        pattern=export.pattern,
        keeps=export.keeps,
        method=export.method,
        url=secrets_of(export).get("url", ""),
    )


def secrets_of(export: Export) -> dict[str, str]:
    """The address and what signs; nothing when SECRET_KEY is another one than before."""
    try:
        return unseal(export.sealed)
    except Unreadable:
        return {}


def check(wanted: Wanted, *, segment_id: int, own_id: int | None) -> None:
    """Raises Refused with everything that is wrong; the path of a problem is a field's name."""
    problems = [
        *_wrong_name(wanted, segment_id, own_id),
        *_wrong_content(wanted),
        *_wrong_times(wanted),
    ]
    if wanted.place == Place.FOLDER:
        problems += _wrong_file(wanted, segment_id, own_id)
    elif wanted.place == Place.URL:
        problems += _wrong_url(wanted)
    else:
        problems.append(Problem("place", "unknown", "A file goes into a folder or to an address."))
    if problems:
        raise Refused(problems)


def _wrong_name(wanted: Wanted, segment_id: int, own_id: int | None) -> Iterator[Problem]:
    if not wanted.name.strip():
        yield Problem("name", "required", "An export needs a name.")
    elif len(wanted.name) > LONGEST_NAME:
        yield Problem("name", "too_long", f"A name has at most {LONGEST_NAME} characters.")
    elif "\0" in wanted.name:
        yield Problem("name", "invalid", "A name holds a character that no text has.")
    elif _others(segment_id, own_id).filter(name=wanted.name).exists():
        said = "Another export of this segment has this name already."
        yield Problem("name", "taken", said)


def _others(segment_id: int, own_id: int | None) -> QuerySet[Export]:
    return Export.objects.filter(segment_id=segment_id).exclude(pk=own_id or 0)


def _wrong_content(wanted: Wanted) -> Iterator[Problem]:
    if wanted.kind not in Export.Kind.values:
        yield Problem("kind", "unknown", "A file is “csv” or “jsonl”.")
    if not wanted.columns:
        yield Problem("columns", "required", "Choose at least one field.")
        return
    known = {name for name, _ in columns_known()}
    for name in wanted.columns[:MOST_COLUMNS]:
        if name not in known:
            yield Problem("columns", "unknown", f"There is no field {quoted(name)}.")
    if len(set(wanted.columns)) < len(wanted.columns):
        yield Problem("columns", "twice", "A field is chosen twice.")


def _wrong_times(wanted: Wanted) -> Iterator[Problem]:
    if wanted.schedule not in Schedule.values:
        said = "An export runs “hourly”, “daily”, “weekly”, or only by “hand”."
        yield Problem("schedule", "unknown", said)
    if not all(1 <= day <= 7 for day in wanted.weekdays):
        yield Problem("weekdays", "unknown", "Days of the week are 1 (Monday) to 7 (Sunday).")
    elif wanted.schedule == Schedule.WEEKLY and not wanted.weekdays:
        yield Problem("weekdays", "required", "Choose at least one day of the week.")


def _wrong_file(wanted: Wanted, segment_id: int, own_id: int | None) -> Iterator[Problem]:
    if said := wrong_folder(wanted.folder):
        yield Problem("folder", "invalid", said)
    if said := wrong_pattern(wanted.pattern):
        yield Problem("pattern", "invalid", said)
    if not 1 <= wanted.keeps <= MOST_KEPT:
        said = f"Keep a whole number of files from 1 to {MOST_KEPT:,}."
        yield Problem("keeps", "wrong_number", said)
    if _collides(wanted, segment_id, own_id):
        said = "Another export writes files of these names into this folder. Change one of them."
        yield Problem("pattern", "taken", said)


def _collides(wanted: Wanted, segment_id: int, own_id: int | None) -> bool:
    same = Export.objects.filter(
        place=Place.FOLDER,
        folder=wanted.folder,
        pattern=wanted.pattern,
        kind=wanted.kind,
        is_gzip=wanted.is_gzip,
    ).exclude(pk=own_id or 0)
    if "{segment}" in wanted.pattern:
        same = same.filter(segment_id=segment_id)
    return same.exists()


def _wrong_url(wanted: Wanted) -> Iterator[Problem]:
    if wanted.method not in Export.Method.values:
        yield Problem("method", "unknown", "A file is sent by “PUT” or “POST”.")
    if said := wrong_url(example(wanted.url), allowed=allowed_here()):
        yield Problem("url", "invalid", said)


def example(url: str) -> str:
    """With something in place of each placeholder."""
    return filled(url, segment="x", at=datetime(2000, 1, 1, tzinfo=UTC), zone=ZoneInfo("UTC"))


def shown(url: str) -> str:
    """The address without what is often secret: a password, and what stands behind the ?."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{'?…' if parts.query else ''}"[:300]
