"""Runs of exports: each is one file, written once and handed over whole, whatever is killed meanwhile.

A run that nobody has the lock of any more is begun again. Its file has the name it would have had,
and one that goes to an address is kept until it has arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from campaigns.delivery.lane import slot
from outbound.exports.keeping import forget_old
from outbound.exports.locks import alone_with
from outbound.exports.looking import ready
from outbound.exports.models import Export, ExportRun
from outbound.exports.naming import filled
from outbound.exports.places import (
    Unusable,
    drop_spooled,
    spool_of,
    spooled_file,
    whole_file,
)
from outbound.exports.sending import Parcel, Undelivered, send_file
from outbound.exports.snapshot import NoMembers, write_members
from outbound.exports.wanted import secrets_of
from segmentflow.clock import workspace_zone

State = ExportRun.State
Clock = Callable[[], datetime]

TRIED_FOR: Final = timedelta(hours=24)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
SUSPICIOUS: Final = 3
"""After so many attempts one that was interrupted waits as well: perhaps it kills who tries it."""
INTERRUPTED: Final = "The attempt was interrupted."


@dataclass(frozen=True, slots=True)
class Written:
    rows: int
    size: int
    file: str = ""
    said: str = ""


def run_one(*, clock: Clock) -> bool:
    """The run that has waited longest; False: there is none, or others have all workers that may."""
    with slot() as is_allowed:
        if not is_allowed:
            return False
        for run_id, export_id in ready(clock()):
            with alone_with(export_id) as is_mine:
                run = _begin(run_id, now=clock()) if is_mine else None
                if run is not None:
                    _attempt(run, clock)
                    return True
    return False


def pause_after(attempts: int) -> timedelta:
    doubled = 1 << min(max(attempts - 1, 0), 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)


@transaction.atomic
def _begin(run_id: int, *, now: datetime) -> ExportRun | None:
    """None: it was ended or begun meanwhile, or has to wait."""
    found = ExportRun.objects.select_related("export__segment").select_for_update(of=("self",))
    run = found.filter(pk=run_id, state__in=ExportRun.OPEN).first()
    if run is None or (run.state == State.WAITING and run.try_at > now):
        return None
    if run.state == State.RUNNING and run.attempts >= SUSPICIOUS:
        _put_off(run, INTERRUPTED, wait=None, now=now)
        return None
    run.state, run.tried_at, run.attempts = State.RUNNING, now, run.attempts + 1
    run.begun_at = run.begun_at or now
    run.save(update_fields=["state", "tried_at", "attempts", "begun_at"])
    return run


def _attempt(run: ExportRun, clock: Clock) -> None:
    try:
        if run.export.place == Export.Place.FOLDER:
            written = _into_folder(run)
        else:
            written = _to_address(run, clock)
    except (NoMembers, Unusable) as problem:
        _try_later(run, str(problem), wait=None, now=clock())
    except Undelivered as problem:
        _try_later(run, str(problem), wait=problem.wait, now=clock())
    else:
        _finish(run, written, now=clock())


def _into_folder(run: ExportRun) -> Written:
    export = run.export
    relative = "/".join(filter(None, (export.folder, name_of(run))))
    with whole_file(relative, run_id=run.pk) as file:
        rows = write_members(export, file)
        size = file.tell()
    return Written(rows, size, file=relative)


def _to_address(run: ExportRun, clock: Clock) -> Written:
    rows = run.rows
    if rows is None or not spool_of(run.pk).exists():
        with spooled_file(run.pk) as file:
            rows = write_members(run.export, file)
        run.rows = rows
        run.save(update_fields=["rows"])
    export, path = run.export, spool_of(run.pk)
    secrets = secrets_of(export)
    if "url" not in secrets:
        raise Unusable(
            "The stored address cannot be read, because SECRET_KEY is another one now. Enter it again."
        )
    parcel = Parcel(
        path=path,
        name=name_of(run),
        kind=export.kind,
        is_gzip=export.is_gzip,
        rows=rows,
        segment=export.segment.key,
        run_id=run.pk,
    )
    said = send_file(
        parcel,
        url=_filled(run, secrets["url"]),
        method=export.method,
        secret=secrets.get("secret", ""),
        now=clock(),
    )
    return Written(rows, path.stat().st_size, said=said)


def name_of(run: ExportRun) -> str:
    export = run.export
    return f"{_filled(run, export.pattern)}.{export.kind}{'.gz' if export.is_gzip else ''}"


def _filled(run: ExportRun, text: str) -> str:
    at = run.begun_at or run.due_at
    return filled(text, segment=run.export.segment.key, at=at, zone=workspace_zone())


@transaction.atomic
def _finish(run: ExportRun, written: Written, *, now: datetime) -> None:
    still = ExportRun.objects.filter(pk=run.pk, state=State.RUNNING)
    is_there = still.update(
        state=State.DONE,
        ended_at=now,
        rows=written.rows,
        size=written.size,
        file=written.file,
        said=written.said,
    )
    transaction.on_commit(lambda: drop_spooled(run.pk))
    if is_there:
        forget_old(run.export)


@transaction.atomic
def _try_later(run: ExportRun, said: str, *, wait: timedelta | None, now: datetime) -> None:
    still = ExportRun.objects.select_for_update().filter(pk=run.pk, state=State.RUNNING).first()
    if still is not None:
        _put_off(still, said, wait=wait, now=now)


def _put_off(run: ExportRun, said: str, *, wait: timedelta | None, now: datetime) -> None:
    """Until later, or for good when it has been tried for a day."""
    run.said = said
    run.try_at = now + max(pause_after(run.attempts), wait or timedelta())
    run.state = State.WAITING
    if run.try_at > (run.begun_at or now) + TRIED_FOR:
        run.state, run.ended_at = State.FAILED, now
        transaction.on_commit(lambda: drop_spooled(run.pk))
    run.save(update_fields=["said", "try_at", "state", "ended_at"])
