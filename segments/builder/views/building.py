"""The builder's page, and everything that is done on its canvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from contacts.problems import Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.models import User
from segmentflow.users import name_of
from segments.builder.drafts import Opened, Stale, open_draft, redo, save_step, undo
from segments.builder.operations import Done, changed_part, perform
from segments.builder.presence import note_presence
from segments.builder.views.counting import cancel_count_of, counted_quickly
from segments.builder.views.shown import (
    NEEDS,
    PAGE,
    buildable,
    changed_node,
    drawing_of,
    others_of,
    overtaken,
    refused,
)
from segments.builder.vocabulary import Vocabulary, load_vocabulary
from segments.conditions.edit import EditError
from segments.models import Segment
from segments.views.shown import number_of, person

STEPS = {"undo": (undo, "Undone"), "redo": (redo, "Done again")}


@require_safe
@needs(*NEEDS)
def builder(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = buildable(key)
    note_presence(segment=segment, person=person(request), now=current_time())
    drawing = drawing_of(open_draft(segment=segment))
    context = drawing.whole(target=request.GET.get("add", ""))
    if "counted" in request.GET:  # without JavaScript; with it, the result follows by itself
        context |= counted_quickly(drawing)
    return render(request, PAGE, context | {"others": others_of(request, segment)})


@require_POST
@needs(*NEEDS)
def builder_do(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = buildable(key)
    before = open_draft(segment=segment)
    vocabulary = load_vocabulary(own_key=key)
    try:
        after, done = _done(request, segment, before, vocabulary)
    except Stale as stale:
        return overtaken(request, stale)
    except (EditError, Refused) as error:
        return _refused(request, before, vocabulary, _words(error))
    if request.htmx and after.revision == before.revision:
        return HttpResponse(status=204)
    cancel_count_of(request, segment)
    return _answer(request, before, after, vocabulary, done)


def _done(
    request: HtmxHttpRequest, segment: Segment, before: Opened, vocabulary: Vocabulary
) -> tuple[Opened, Done]:
    do = request.POST.get("do") or "change"
    revision = number_of(request.POST.get("revision"))
    seen = before.revision if revision is None else revision
    who, now = person(request), current_time()
    if do in STEPS:
        step, said = STEPS[do]
        label = before.undo_label if do == "undo" else before.redo_label
        after = step(segment=segment, revision=seen, person=who, now=now)
        return after, Done(after.tree, f"{said}: {label}" if label else said)
    if seen != before.revision:
        # Nothing is done to a tree that the person has not seen: the differences are told.
        save_step(segment=segment, revision=seen, tree=before.tree, label="", person=who, now=now)
    done = perform(do, _sent(request), before.tree, vocabulary)
    return _saved(segment, seen, done, who), done


def _saved(segment: Segment, revision: int, done: Done, who: User) -> Opened:
    return save_step(
        segment=segment,
        revision=revision,
        tree=done.tree,
        label=done.label,
        person=who,
        now=current_time(),
        merge_key=done.merge_key,
    )


def _sent(request: HtmxHttpRequest) -> Mapping[str, Sequence[str]]:
    return dict(request.POST.lists())


def _words(error: EditError | Refused) -> str:
    if isinstance(error, Refused):
        return " ".join(problem.message for problem in error.problems)
    return str(error)


def _refused(
    request: HtmxHttpRequest, before: Opened, vocabulary: Vocabulary, said: str
) -> HttpResponse:
    if request.htmx:
        return refused(request, drawing_of(before, vocabulary), said)
    messages.error(request, said)
    return redirect("builder", before.segment.key)


def _answer(
    request: HtmxHttpRequest, before: Opened, after: Opened, vocabulary: Vocabulary, done: Done
) -> HttpResponse:
    if not request.htmx:
        place = f"#node-{done.focus}" if done.focus else ""
        return redirect(reverse("builder", args=[after.segment.key]) + place)
    node = changed_part(before.tree, after.tree)
    drawing = drawing_of(after, vocabulary)
    answer = changed_node(request, drawing, node=node, focus=done.focus, said=done.label)
    return trigger_client_event(answer, "drafted")


@require_safe
@needs(*NEEDS)
def builder_others(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """Says that this page is open, and who has it open besides or has changed the draft since."""
    segment = buildable(key)
    note_presence(segment=segment, person=person(request), now=current_time())
    context = {
        "segment": segment,
        "others": others_of(request, segment),
        "ahead": _ahead(request, open_draft(segment=segment)),
    }
    return render(request, f"{PAGE}#others", context)


def _ahead(request: HtmxHttpRequest, opened: Opened) -> str:
    """Who made the newest change, when it was somebody else and this page does not show it."""
    seen = number_of(request.GET.get("revision"))
    if seen in (None, opened.revision) or opened.saved_by == name_of(person(request)):
        return ""
    return opened.saved_by
