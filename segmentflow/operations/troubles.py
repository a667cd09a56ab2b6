"""What is wrong just now, in words: for probes, for the banner that everybody sees, and for admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django_q.models import Failure

from segmentflow.operations.behind import Behind, how_far
from segmentflow.operations.migrating import pending_migrations
from segmentflow.operations.results import failed_segments, failing_exports, failing_webhooks
from segmentflow.room import LEAST, is_full
from segmentflow.sightings import Disk, Place, places

SILENT_SECONDS: Final = 30
"""Workers are asked for a sign of life every two seconds, and watchers give one every five."""
WAITED_SECONDS: Final = 60
"""Changes are dealt with in less than a second where all is well."""
TASK_SECONDS: Final = 120
LOW_SHARE: Final = 0.10
LOW_BYTES: Final = 10 * 1024**3
"""A large disk has room enough in less than a tenth."""
LITTLE_BYTES: Final = 512 * 1024**2
"""Too little on a disk of any size."""
BACKUP_DAYS: Final = 2
NAMED: Final = 3
MAKE_ROOM: Final = (
    "Make room, or move the data directory to a larger disk. Old events and moves may be erased:"
    " Settings, Data retention."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    code: str
    """For programs, and for links to what it is about."""
    text: str
    advice: str
    """What to do."""
    is_severe: bool = True
    """Whether the installation is not ready because of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What they are judged by."""

    behind: Behind
    places: Sequence[Place]


def severe_troubles() -> list[Trouble]:
    """Those that everybody has to know of: a few milliseconds."""
    pending = list(_of_migrations())
    if pending:  # the tables below may not be there yet
        return pending
    seen = Seen(how_far(), places())
    return [trouble for trouble in _of_work(seen) if trouble.is_severe]


def all_troubles(seen: Seen, *, now: datetime) -> list[Trouble]:
    """For admins, the severe ones first."""
    found = [*_of_migrations(), *_of_work(seen), *_of_places(seen.places, now), *_of_results(now)]
    return sorted(found, key=lambda trouble: not trouble.is_severe)


def _of_migrations() -> Iterator[Trouble]:
    if number := len(pending_migrations()):
        said = f"{number} migration is" if number == 1 else f"{number} migrations are"
        yield Trouble(
            "migrations",
            f"The database is older than this program: {said} not applied.",
            "Restart SegmentFlow, which applies them, or run “manage.py migrate”.",
        )


def _of_work(seen: Seen) -> Iterator[Trouble]:
    behind = seen.behind
    if behind.idle is None or behind.idle > SILENT_SECONDS:
        yield Trouble(
            "workers",
            "No worker is alive, so changes do not reach segments and nothing is sent.",
            "Look at the lines of “cluster” in the log, and restart SegmentFlow.",
        )
    watched = [place.watched_for for place in seen.places if place.watched_for is not None]
    if not watched or min(watched) > SILENT_SECONDS:
        yield Trouble(
            "watcher",
            "The watcher is not alive, so nothing happens at its time: deadlines, campaigns, exports.",
            "Look at the lines of “watch” in the log, and restart SegmentFlow.",
        )
    if behind.live_age > WAITED_SECONDS:
        yield Trouble(
            "changes",
            f"Changes have been waiting for {spell(behind.live_age)} to reach segments.",
            "If that number grows, workers are too few or stuck: see the slowest segments, and give"
            " “manage.py up” more --workers.",
        )
    if behind.late > WAITED_SECONDS:
        yield Trouble(
            "deadlines",
            f"What time alone moves is {spell(behind.late)} late.",
            "As for changes that wait. It also happens for a moment after a long stop.",
        )
    if behind.task_age > TASK_SECONDS:
        yield Trouble(
            "tasks",
            f"Tasks have been waiting for {spell(behind.task_age)}.",
            "All workers are busy with long work, or stuck: restart SegmentFlow if nothing moves.",
        )
    yield from _of_disks(seen.places)
    if is_full() and not any(place.disk and place.disk.free < LEAST for place in seen.places):
        # What was told last may be older: where nothing can be stored, that cannot be either.
        yield Trouble("disk", "The disk is full: nothing new is stored.", MAKE_ROOM)


def _of_disks(found: Sequence[Place]) -> Iterator[Trouble]:
    for place in found:
        if place.disk is None or not is_low(place.disk):
            continue
        has_none = place.disk.free < LEAST
        left = f"{size(place.disk.free)} of {size(place.disk.total)} are left"
        yield Trouble(
            "disk",
            f"The disk of {place.machine} is {'full' if has_none else 'nearly full'}: {left}.",
            MAKE_ROOM,
            is_severe=has_none,
        )


def is_low(disk: Disk) -> bool:
    return disk.free < LITTLE_BYTES or (disk.share < LOW_SHARE and disk.free < LOW_BYTES)


def _of_places(found: Sequence[Place], now: datetime) -> Iterator[Trouble]:
    for place in found:
        if place.silent_for > SILENT_SECONDS:
            yield Trouble(
                "machine",
                f"{place.machine} has been silent for {spell(place.silent_for)}.",
                "If it was stopped on purpose, it goes from this list within an hour.",
                is_severe=False,
            )
            continue
        for process in place.processes:
            if process.state != "running":
                yield Trouble(
                    "process",
                    f"The process “{process.name}” of {place.machine} is {process.state}.",
                    "It is started again by itself when it has ended. One that is frozen was stopped"
                    " by somebody: kill -CONT wakes it.",
                    is_severe=False,
                )
    if len({place.version for place in found if place.silent_for <= SILENT_SECONDS}) > 1:
        yield Trouble(
            "versions",
            "Machines run different versions.",
            "That is meant for the minutes of an upgrade: upgrade the others, too.",
            is_severe=False,
        )
    if any(place.failed_backup_at for place in found):
        yield Trouble(
            "backup",
            "The last try to make a backup failed.",
            "Run “manage.py backup” and see what it says.",
            is_severe=False,
        )
    backups = [place.backup.at for place in found if place.backup]
    if backups and now - max(backups) > timedelta(days=BACKUP_DAYS):
        yield Trouble(
            "backup",
            f"The last backup is {(now - max(backups)).days} days old.",
            "Run “manage.py backup”, and see why whatever runs it does not.",
            is_severe=False,
        )


def _of_results(now: datetime) -> Iterator[Trouble]:
    if number := Failure.objects.filter(stopped__gte=now - timedelta(days=1)).count():
        yield Trouble(
            "failures",
            f"{number:,} {'task' if number == 1 else 'tasks'} failed in the last 24 hours.",
            "They are listed below: do them again, or dismiss them.",
            is_severe=False,
        )
    if number := failed_segments():
        yield Trouble(
            "segments",
            f"{number:,} {'segment' if number == 1 else 'segments'} cannot be computed.",
            "They keep the members of before. Their pages say what is wrong with the definition.",
            is_severe=False,
        )
    if names := failing_webhooks():
        yield Trouble(
            "webhooks",
            f"{_named(names, 'webhook', 'webhooks')} cannot be delivered.",
            "What is not taken for a day is given up, and can be sent again afterwards. Settings,"
            " Webhooks says what each receiver answers.",
            is_severe=False,
        )
    if names := failing_exports():
        yield Trouble(
            "exports",
            f"{_named(names, 'export', 'exports')} could not be written or sent the last time.",
            "Settings, Exports says why. Run it again when that is mended.",
            is_severe=False,
        )


def _named(names: Sequence[str], one: str, many: str) -> str:
    """Such as “The webhook CRM”, “The webhooks CRM, Shop and 3 others”."""
    shown = [f"“{name}”" for name in names[:NAMED]]
    if len(names) == 1:
        return f"The {one} {shown[0]}"
    more = len(names) - len(shown)
    last = f"{more:,} {'other' if more == 1 else 'others'}" if more else shown.pop()
    return f"The {many} {', '.join(shown)} and {last}"


def spell(seconds: float) -> str:
    """As people say it: “4 minutes”."""
    for length, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * length:
            return f"{int(seconds // length):,} {name}s"
    if seconds < 1:
        return "less than a second"
    number = int(seconds)
    return f"{number} second" if number == 1 else f"{number} seconds"


def size(number: float) -> str:
    """Bytes, as people say them."""
    for name in ("bytes", "KB", "MB", "GB"):
        if number < 1024:
            return f"{number:,.0f} {name}" if name in ("bytes", "KB") else f"{number:,.1f} {name}"
        number /= 1024
    return f"{number:,.1f} TB"
