"""What distinguishes the members of a segment from everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.limits import TooSlow
from segments.distinguishing.suggestions import Suggestion, suggestions_for
from segments.distinguishing.traits import DAYS
from segments.filtering import written
from segments.overlap.venn import percent
from segments.views.shown import SEE_MEMBERS, segment_context, segment_of

PAGE = "segments/segment_suggestions.html"
UNPROCESSABLE = 422
TOO_SLOW: Final = (
    "This took too long, so that nothing can be said. Try again when less is going on."
)


@dataclass(frozen=True, slots=True)
class Row:
    suggestion: Suggestion
    percent: str
    percent_of_others: str
    lift: str
    where: str


@require_safe
@needs(*SEE_MEMBERS, "events.view_event")
def segment_suggestions(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    context: dict[str, Any] = segment_context(segment) | {"days": DAYS}
    if not segment.member_count:
        return render(request, PAGE, context)
    try:
        suggestions = suggestions_for(segment, now=current_time())
    except TooSlow:
        return render(request, PAGE, context | {"problem": TOO_SLOW}, status=UNPROCESSABLE)
    rows = [_row(one) for one in suggestions.found]
    context |= {
        "sample": suggestions.looked_at,
        "rows": [row for row in rows if not row.suggestion.is_mentioned],
        "mentioned": [row for row in rows if row.suggestion.is_mentioned],
    }
    return render(request, PAGE, context)


def _row(one: Suggestion) -> Row:
    numbers = one.numbers
    return Row(
        one,
        percent(numbers.share),
        percent(numbers.share_of_others),
        f"{numbers.lift:,.1f}×" if numbers.lift is not None else "only here",
        written([one.condition]),
    )
