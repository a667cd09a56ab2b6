"""The log of who changed what: a page of it, and all of it as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.files.writing import csv_lines, download
from segmentflow.audit.keeping import months_kept
from segmentflow.audit.kinds import ACTIONS, KINDS, kind_of, page_of
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.recording import record
from segmentflow.audit.selectors import Narrowing, actors, all_entries, gone, newest
from segmentflow.audit.words import Change, changes_of, deed, named, sentence
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segmentflow.limits import TooSlow, within
from segmentflow.pages.settings_tabs import SECTION, searched

LIST: Final = "settings/audit_log.html"
SEE: Final = ("segmentflow.view_auditentry",)
A_PAGE: Final = 50
PATIENCE_MS: Final = 5_000
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9998
COLUMNS: Final = (
    *("at", "who", "who_kind", "who_id", "action", "kind", "key", "name"),
    *("in_words", "changes", "address", "request_id"),
)


@dataclass(frozen=True, slots=True)
class Row:
    entry: AuditEntry
    deed: str
    changes: list[Change]
    page: str
    """The address of what it is about; empty where there is none any more."""

    @property
    def history(self) -> str:
        """What narrows the log to the same object; empty where there is no single one."""
        about = {"kind": self.entry.kind, "key": self.entry.key}
        return urlencode(about) if self.entry.key else ""


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def audit_log(request: HtmxHttpRequest) -> HttpResponse:
    narrowing = narrowing_of(request)
    context: dict[str, Any] = {
        "section": SECTION,
        "narrowing": narrowing,
        "q": narrowing.words,
        "object": _object_in_words(narrowing),
        "people": actors(),
        "kinds": [(name, kind_of(name).label) for name in _with(KINDS, narrowing.kind)],
        "actions": _with(ACTIONS, narrowing.action),
        "months": months_kept(),
    }
    try:
        with within(PATIENCE_MS):
            page = _page(request, narrowing)
            context |= {"page": page, "rows": _rows(page.rows)}
    except TooSlow:
        context["is_too_slow"] = True
    return render(request, page_or_part(request, LIST, "entries"), context)


@require_safe
@needs(*SEE)
def audit_csv(request: HtmxHttpRequest) -> HttpResponseBase:
    """All that the page finds."""
    narrowing = narrowing_of(request)
    record(action="downloaded", kind="audit log", said="as a CSV file", now=current_time())
    rows = (_line(entry) for entry in all_entries(narrowing, zone=workspace_zone()))
    return download(csv_lines(COLUMNS, rows), name="audit-log", kind="csv")


def _line(entry: AuditEntry) -> list[Any]:
    return [
        entry.at.isoformat(),
        *(entry.actor_name, entry.actor_kind, entry.actor_id, entry.action),
        *(entry.kind, entry.key, entry.name, sentence(entry)),
        json.dumps(entry.changes, ensure_ascii=False) if entry.changes else "",
        *(entry.address, entry.request_id),
    ]


def narrowing_of(request: HtmxHttpRequest) -> Narrowing:
    return Narrowing(
        **{name: searched(request, name) for name in ("who", "kind", "key", "action")},
        first=_day(request, "first"),
        last=_day(request, "last"),
        words=searched(request),
    )


def _day(request: HtmxHttpRequest, name: str) -> date | None:
    try:
        found = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _page(request: HtmxHttpRequest, narrowing: Narrowing) -> Page[AuditEntry]:
    zone = workspace_zone()

    def read(cursor: str | None, backwards: bool, limit: int) -> list[AuditEntry]:  # noqa: FBT001 - as keyset.Read says
        place = _place(cursor)
        before, after = (None, place) if backwards else (place, None)
        return newest(narrowing, zone=zone, before=before, after=after, limit=limit)

    return keyset_page(request.GET, read=read, cursor=lambda entry: str(entry.pk), size=A_PAGE)


def _place(cursor: str | None) -> int | None:
    if not cursor or not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:
        return None
    return int(cursor)


def _rows(entries: Sequence[AuditEntry]) -> list[Row]:
    lost = gone({(entry.kind, entry.key) for entry in entries if entry.key})
    return [
        Row(
            entry,
            deed(entry),
            changes_of(entry),
            "" if (entry.kind, entry.key) in lost else page_of(entry.kind, entry.key),
        )
        for entry in entries
    ]


def _with(known: Iterable[str], chosen: str) -> list[str]:
    """Also what is chosen and not known here."""
    return list(dict.fromkeys([*known, *filter(None, [chosen])]))


def _object_in_words(narrowing: Narrowing) -> str:
    """Of the one object that is shown alone, as it was last called."""
    if not (narrowing.kind and narrowing.key):
        return ""
    last = newest(Narrowing(kind=narrowing.kind, key=narrowing.key), zone=workspace_zone(), limit=1)
    name = named(last[0]) if last else narrowing.key
    return f"{kind_of(narrowing.kind).phrase} {name}"
