"""What people do with a segment as a whole: pause, resume, copy, archive, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segments import services
from segments.copying import duplicate_segment
from segments.models import Segment
from segments.services import Conflict, InvalidDefinition, Refused
from segments.usage import Use, keeping_segment, uses_of_segment
from segments.views.shown import SECTION, SEE, person, segment_of

Status = Segment.Status


@require_POST
@needs(*SEE, "segments.change_segment")
def segment_pause(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    return _tried(
        request,
        segment,
        lambda: _to_status(request, segment, Status.PAUSED),
        f"“{segment.name}” is paused. Its members stay as they are.",
    )


@require_POST
@needs(*SEE, "segments.change_segment")
def segment_resume(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    return _tried(
        request,
        segment,
        lambda: _to_status(request, segment, Status.LIVE),
        f"“{segment.name}” is live again. Its members are being found anew.",
    )


@require_POST
@needs(*SEE, "segments.change_segment")
def segment_restore(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    return _tried(
        request,
        segment,
        lambda: services.restore_segment(
            segment=segment, author=person(request), now=current_time()
        ),
        f"“{segment.name}” is out of the archive.",
    )


@require_POST
@needs(*SEE, "segments.add_segment")
def segment_duplicate(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    return _tried(
        request,
        segment,
        lambda: duplicate_segment(segment=segment, author=person(request), now=current_time()),
        f"This is a copy of “{segment.name}”. It is a draft: nobody is in it until it is published.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "segments.change_segment")
def segment_archive(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    if request.method == "POST":
        return _tried(
            request,
            segment,
            lambda: _to_status(request, segment, Status.ARCHIVED),
            f"“{segment.name}” is in the archive.",
        )
    return _ask(
        request,
        segment,
        doing="Archive",
        done="archived",
        consequences=[
            f"{_members(segment)} will stay as they are; nobody enters or leaves any more.",
            "It is found in the list under the status “Archived”, and can be restored.",
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE, "segments.delete_segment")
def segment_delete(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    if request.method == "POST":
        return _deleted(request, segment)
    return _ask(
        request,
        segment,
        doing="Delete",
        done="deleted",
        consequences=[
            f"{_members(segment)} will be in it no longer; the contacts themselves stay.",
            "Its versions and the record of who entered and left are forgotten.",
            "This cannot be undone. The archive keeps all of it.",
        ],
    )


def _ask(
    request: HtmxHttpRequest, segment: Segment, *, doing: str, done: str, consequences: list[str]
) -> HttpResponse:
    """The question, or the answer already, when something else uses the segment."""
    uses = keeping_segment(segment.key, also_over=done == "deleted")
    drafts = [use.name for use in uses_of_segment(segment.key) if use.is_draft]
    not_used = "Only drafts use it." if drafts else "Nothing else uses it."
    mended = [f"“{name}” names it in a draft, which has to be mended then." for name in drafts]
    return confirm.ask(
        request,
        title=f"{doing} segment “{segment.name}”",
        detail=_refused(uses, done) if uses else not_used,
        button=f"{doing} segment",
        back=reverse("segment_detail", args=[segment.key]),
        consequences=uses or [*mended, *consequences],
        is_refused=bool(uses),
        section=SECTION,
    )


def _refused(uses: Sequence[Use], done: str) -> str:
    instead = " It can be archived." if all(use.is_over for use in uses) else ""
    return f"It cannot be {done} because these use it.{instead}"


def _to_status(request: HtmxHttpRequest, segment: Segment, status: str) -> Segment:
    return services.update_segment(
        segment=segment, status=status, author=person(request), now=current_time()
    )


def _tried(
    request: HtmxHttpRequest, segment: Segment, act: Callable[[], Segment], said: str
) -> HttpResponse:
    """To the segment that came out of it; to the old one, with the reason, if it was refused."""
    try:
        segment = act()
    except (Refused, InvalidDefinition) as refused:
        messages.error(request, " ".join(problem.message for problem in refused.problems))
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, said)
    return redirect("segment_detail", segment.key)


def _deleted(request: HtmxHttpRequest, segment: Segment) -> HttpResponse:
    try:
        services.delete_segment(segment=segment)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return redirect("segment_detail", segment.key)
    messages.success(request, f"“{segment.name}” was deleted.")
    return redirect("segment_list")


def _members(segment: Segment) -> str:
    count = segment.member_count
    return f"{intcomma(count)} {'member' if count == 1 else 'members'}"
