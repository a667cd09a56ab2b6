"""A new segment, empty or from a template: named first, described in the builder then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from contacts.problems import Conflict
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.catalog import current_catalog, current_labels
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.conditions.sentence import sentence
from segments.filtering import NotUnderstood, asked_definition
from segments.forms import FromTemplateForm, NewSegmentForm
from segments.services import NAME_LENGTH
from segments.starting.beginning import Begun, begin_draft, begin_from_template
from segments.starting.choosing import choices_of_category, shelves
from segments.starting.finding import Existing, Found, State, sentence_with
from segments.starting.pieces import JSON
from segments.starting.template import Named, Template
from segments.views.shown import SECTION, SEE, person, searched
from segments.views.templates import template_or_404

PAGE = "segments/segment_new.html"
FROM_LIST = "segments/segment_from_list.html"
FROM_TEMPLATE = "segments/segment_from_template.html"
MAKE = (*SEE, "segments.add_segment", "segments.change_segment")
MAKE_NEEDED = {"field": "contacts.add_field", "event": "events.add_eventtype"}
CONFLICT, UNPROCESSABLE = 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*MAKE)
def segment_new(request: HtmxHttpRequest) -> HttpResponse:
    form = NewSegmentForm(request.POST or None)
    given = _given(request)
    if request.method == "POST" and form.is_valid():
        segment = begin_draft(
            **form.cleaned_data,
            definition=given.definition if given else None,
            author=person(request),
            now=current_time(),
        )
        return redirect("builder", segment.key)
    if given:
        context = {"section": SECTION, "form": form, "given": given}
        return render(request, FROM_LIST, context, status=UNPROCESSABLE if form.errors else 200)
    return _choice(request, form, UNPROCESSABLE if form.errors else 200)


def _choice(request: HtmxHttpRequest, form: NewSegmentForm, status: int) -> HttpResponse:
    """Empty, or from which template."""
    search, choices = searched(request), choices_of_category()
    category = request.GET.get("category", "")
    category = category if category in choices else ""
    context = {
        "section": SECTION,
        "form": form,
        "q": search,
        "category": category,
        "categories": choices,
        "shelves": shelves(search=search, category=category, zone=workspace_zone()),
    }
    return render(request, page_or_part(request, PAGE, "gallery"), context, status=status)


@dataclass(frozen=True, slots=True)
class Given:
    """What a list of contacts is filtered by, as a definition to begin with."""

    definition: JSON
    sentence: str
    is_searched: bool
    """By words, which no definition has."""


def _given(request: HtmxHttpRequest) -> Given | None:
    """None for a segment that begins empty; raises Http404 for what no list can be filtered by."""
    try:
        return _described(request.GET)
    except (NotUnderstood, InvalidDefinition):
        raise Http404("These filters are not understood.") from None


def _described(sent: QueryDict) -> Given | None:
    """Raises NotUnderstood or InvalidDefinition."""
    definition = asked_definition({name: sent.get(name, "") for name in sent})
    if definition is None:
        return None
    said = sentence(parse(definition, current_catalog()), current_labels())
    return Given(definition, said, bool(sent.get("q", "").strip()))


@require_POST
@needs(*MAKE)
def segment_begin(request: HtmxHttpRequest) -> HttpResponse:
    """A draft of conditions that were found somewhere, named by what they say."""
    try:
        given = _described(request.POST)
    except (NotUnderstood, InvalidDefinition):
        given = None
    if given is None:
        messages.error(request, "These conditions cannot be used any more. Begin anew.")
        return _choice(request, NewSegmentForm(), UNPROCESSABLE)
    segment = begin_draft(
        name=given.sentence[:NAME_LENGTH],
        description="",
        definition=given.definition,
        author=person(request),
        now=current_time(),
    )
    messages.success(request, "This is a draft: nobody is in it until it is published.")
    return redirect("builder", segment.key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*MAKE)
def segment_from_template(request: HtmxHttpRequest, template: str) -> HttpResponse:
    chosen = template_or_404(template)
    data = request.POST if request.method == "POST" else None
    form = FromTemplateForm(data, template=chosen)
    if data is None:
        return _ask(request, chosen, form, 200)
    if not form.is_valid():
        return _ask(request, chosen, form, UNPROCESSABLE)
    try:
        begun = _begin(request, chosen, form.cleaned_data)
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        return _ask(request, chosen, form, CONFLICT)
    if begun.created:
        messages.success(request, f"Created: {', '.join(begun.created)}.")
    return redirect("builder", begun.segment.key)


def _begin(request: HtmxHttpRequest, template: Template, sent: dict[str, Any]) -> Begun:
    creating = _allowed(request, sent["create"])
    return begin_from_template(
        template=template,
        name=sent["name"],
        description=sent["description"],
        creating=creating,
        author=person(request),
        now=current_time(),
    )


def _allowed(request: HtmxHttpRequest, creating: Collection[Named]) -> Collection[Named]:
    if not request.user.has_perms({MAKE_NEEDED[named.kind] for named in creating}):
        raise PermissionDenied("Your role does not include creating fields and event types.")
    return creating


def _ask(
    request: HtmxHttpRequest, template: Template, form: FromTemplateForm, status: int
) -> HttpResponse:
    found = Existing().look_for(template)
    offered = [one for one in found if _is_offered(request, one)]
    context = {
        "section": SECTION,
        "template": template,
        "form": form,
        "sentence": sentence_with(template, found, workspace_zone()),
        "found": [(one, one in offered, _is_ticked(request, one)) for one in found],
        "missing": [one for one in found if not one.is_here],
        "offered": offered,
        "waits_for_admins": _waits_for_admins(found, offered),
    }
    return render(request, FROM_TEMPLATE, context, status=status)


def _is_offered(request: HtmxHttpRequest, one: Found) -> bool:
    return one.state == State.MISSING and request.user.has_perm(MAKE_NEEDED[one.need.named.kind])


def _is_ticked(request: HtmxHttpRequest, one: Found) -> bool:
    """At first everything is; later what was."""
    return request.method != "POST" or one.need.ref in request.POST.getlist("create")


def _waits_for_admins(found: Sequence[Found], offered: Sequence[Found]) -> bool:
    return any(one.state == State.MISSING and one not in offered for one in found)
