"""Reads about exports, for pages and programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from outbound.exports.models import Export, ExportRun
from outbound.exports.schedule import in_words, times_of

State = ExportRun.State
TONES = {
    State.WAITING: "warn",
    State.RUNNING: "accent",
    State.DONE: "good",
    State.FAILED: "bad",
    State.STOPPED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, as people see it."""

    run: ExportRun

    @property
    def label(self) -> str:
        if self.run.state == State.WAITING:
            return "Waits to be tried again" if self.run.attempts else "Waiting"
        return str(self.run.get_state_display())

    @property
    def tone(self) -> str:
        is_first = self.run.state == State.WAITING and not self.run.attempts
        return "neutral" if is_first else TONES[State(self.run.state)]

    @property
    def seconds(self) -> float | None:
        """Of the last attempt; None while it is not over."""
        run = self.run
        if run.ended_at is None or run.tried_at is None or run.state == State.STOPPED:
            return None
        return max(0.0, (run.ended_at - run.tried_at) / timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Listed:
    """An export with its newest run."""

    export: Export
    last: Ran | None

    @property
    def when(self) -> str:
        return in_words(times_of(self.export))

    @property
    def where(self) -> str:
        export = self.export
        if export.place == Export.Place.URL:
            return export.shown_url
        return "/".join(filter(None, (export.folder, f"{export.pattern}.{export.kind}"))) + (
            ".gz" if export.is_gzip else ""
        )


def exports_found(*, segment_id: int | None = None, words: str = "") -> QuerySet[Export]:
    found = Export.objects.select_related("segment", "created_by")
    if segment_id is not None:
        found = found.filter(segment_id=segment_id)
    if words:
        found = found.filter(name__icontains=words) | found.filter(segment__name__icontains=words)
    return found.order_by("name", "pk")


def listed(exports: Iterable[Export]) -> list[Listed]:
    """In the same order, with one query more for all of them."""
    rows = list(exports)
    newest = (
        ExportRun.objects.filter(export__in=[export.pk for export in rows])
        .order_by("export_id", "-pk")
        .distinct("export_id")
    )
    by_export = {run.export_id: Ran(run) for run in newest}
    return [Listed(export, by_export.get(export.pk)) for export in rows]


def runs_of(export: Export, *, before: int | None = None, limit: int) -> Sequence[Ran]:
    """The newest first."""
    found = export.runs.select_related("asked_by").order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    return [Ran(run) for run in found[:limit]]
