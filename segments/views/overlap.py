"""What segments share: a few of them compared, all of them in a table, one with all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.limits import TooSlow
from segments import listed
from segments.filtering import PARAMETER, written
from segments.models import Segment
from segments.overlap import choosing
from segments.overlap.combinations import (
    MOST,
    Combination,
    Overlap,
    conditions_of,
    overlap_of,
    words_of,
)
from segments.overlap.findings import findings
from segments.overlap.matrix import Matrix, Shared, current_matrix
from segments.overlap.venn import percent, venn_of
from segments.views.shown import SECTION, SEE_MEMBERS, searched, segment_context, segment_of

COMPARE = "segments/overlap.html"
MATRIX = "segments/overlap_matrix.html"
OF_SEGMENT = "segments/segment_overlap.html"
NOT_FOUND, UNPROCESSABLE = 404, 422
MOST_ALIKE: Final = 8
USUALLY_SHOWN: Final = 25
STEPS: Final = 9
"""Of the colours of a table by share."""
TOO_SLOW: Final = (
    "There are too many members to be compared in time. Try fewer or smaller segments, or again"
    " when less is going on."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A combination as it is drawn."""

    combination: Combination
    words: str
    percent: str
    width: float
    """Of its bar, in percent of the longest."""
    line: tuple[int, int] | None
    """From the first to the last dot, where there are several."""
    contacts: str
    """Address of the list of them."""
    where: str


@require_safe
@needs(*SEE_MEMBERS)
def overlap_compare(request: HtmxHttpRequest) -> HttpResponse:
    asked = choosing.asked_for(request.GET.getlist("segment"))
    context: dict[str, Any] = {
        "section": SECTION,
        "tab": "compare",
        "choices": choosing.choices(),
        "asked": asked,
        "slots": choosing.slots(asked),
        "problem": asked.problem,
    }
    status = asked.status
    if asked.is_enough and not asked.problem:
        try:
            overlap = overlap_of(asked.segments)
            context |= _compared(overlap)
        except TooSlow:
            context["problem"], status = TOO_SLOW, UNPROCESSABLE
    if "overlap" not in context:
        context |= _at_a_glance()
    return render(request, COMPARE, context, status=status)


def _compared(overlap: Overlap) -> dict[str, Any]:
    rows = [_row(overlap, one) for one in overlap.combinations]
    return {
        "overlap": overlap,
        "legend": list(zip("ABCDE", overlap.segments, overlap.sizes, strict=False)),
        "letters": "ABCDE"[: len(overlap.segments)],
        "rows": [row for row in rows if row.combination.count],
        "nobody": [row for row in rows if not row.combination.count],
        "venn": venn_of(overlap),
    }


def _row(overlap: Overlap, one: Combination) -> Row:
    longest = overlap.combinations[0].count or 1
    inside = [place for place, is_in in enumerate(one.inside) if is_in]
    where = written(conditions_of(overlap.segments, one.inside))
    return Row(
        one,
        words_of([segment.name for segment in overlap.segments], one.inside),
        percent(one.share),
        round(100 * one.count / longest, 1),
        (inside[0], inside[-1]) if len(inside) > 1 else None,
        f"{reverse('contact_list')}?{urlencode({PARAMETER: where})}",
        where,
    )


def _at_a_glance() -> dict[str, Any]:
    """Before anything was chosen: what is worth comparing."""
    now = current_time()
    try:
        matrix: Matrix | None = current_matrix(now=now)
    except TooSlow:
        matrix = None
    return {
        "matrix": matrix,
        "alike": _most_alike(matrix) if matrix else [],
        "findings": findings(matrix=matrix, now=now),
    }


def _most_alike(matrix: Matrix) -> list[tuple[Segment, Segment, Shared, str]]:
    segments = choosing.live_segments()
    pairs = [
        (matrix.between(one, other), one, other)
        for one, other in matrix.pairs
        if one in segments and other in segments
    ]
    pairs.sort(key=lambda pair: (-pair[0].likeness, -pair[0].both, pair[1:]))
    return [
        (segments[one], segments[other], shared, percent(shared.likeness))
        for shared, one, other in pairs[:MOST_ALIKE]
    ]


@dataclass(frozen=True, slots=True)
class Cell:
    """Of the table of all: how much of its row's segment is in its column's."""

    key: str
    """Of the column's segment; empty where both are the same."""
    step: int
    """Of the colours, from 0."""
    percent: str
    both: int


@require_safe
@needs(*SEE_MEMBERS)
def overlap_matrix(request: HtmxHttpRequest) -> HttpResponse:
    tag, shows_all = searched(request, "tag"), request.GET.get("show") == "all"
    context: dict[str, Any] = {
        "section": SECTION,
        "tab": "matrix",
        "chosen_tag": tag,
        "tags": listed.tags_in_use(),
        "shows_all": shows_all,
        "usually": USUALLY_SHOWN,
    }
    try:
        matrix = current_matrix(now=current_time())
    except TooSlow:
        return render(request, MATRIX, context | {"problem": TOO_SLOW}, status=UNPROCESSABLE)
    found = [one for one in choosing.live_segments().values() if not tag or tag in one.tags]
    found.sort(key=lambda one: (-one.member_count, one.name))
    shown = found if shows_all else found[:USUALLY_SHOWN]
    context |= {
        "matrix": matrix,
        "total": len(found),
        "columns": shown,
        "rows": [(one, one.member_count, _cells(one, shown, matrix)) for one in shown],
    }
    return render(request, MATRIX, context)


def _cells(row: Segment, columns: list[Segment], matrix: Matrix) -> list[Cell]:
    cells = []
    for column in columns:
        shared = matrix.between(row.pk, column.pk)
        step = min(STEPS, int(shared.share * STEPS) + 1) if shared.both else 0
        cells.append(
            Cell("" if row is column else column.key, step, _short(shared.share), shared.both)
        )
    return cells


def _short(share: float) -> str:
    """In whole percent, for which there is room."""
    if 0 < share < 0.005:
        return "<1"
    return "99" if 0.99 < share < 1 else f"{100 * share:.0f}"


@dataclass(frozen=True, slots=True)
class With:
    """Another segment, and what one shares with it."""

    segment: Segment
    shared: Shared

    @property
    def percent(self) -> str:
        return percent(self.shared.share)

    @property
    def percent_of_other(self) -> str:
        return percent(self.shared.share_of_other)

    @property
    def likeness(self) -> str:
        return percent(self.shared.likeness)


@require_safe
@needs(*SEE_MEMBERS)
def segment_overlap(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    context = segment_context(segment) | {"most": MOST}
    if segment.built_at is None or segment.status not in (
        Segment.Status.LIVE,
        Segment.Status.PAUSED,
    ):
        return render(request, OF_SEGMENT, context)
    try:
        matrix = current_matrix(now=current_time())
    except TooSlow:
        return render(request, OF_SEGMENT, context | {"problem": TOO_SLOW}, status=UNPROCESSABLE)
    rows = [
        With(other, shared)
        for pk, other in choosing.live_segments().items()
        if pk != segment.pk and (shared := matrix.between(segment.pk, pk)).both
    ]
    rows.sort(key=lambda row: (-row.shared.both, row.segment.name))
    return render(request, OF_SEGMENT, context | {"matrix": matrix, "rows": rows})
