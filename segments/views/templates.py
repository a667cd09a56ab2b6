"""Templates of one's own: saved from a segment, changed, deleted, and carried elsewhere as files."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.problems import Conflict, Problem, Refused
from segmentflow import confirm
from segmentflow.api.bodies import decode_json
from segmentflow.api.problems import ApiProblem
from segmentflow.clock import current_time
from segmentflow.exact import ExactEncoder
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.forms import TemplateForm
from segments.models import Segment
from segments.starting.choosing import matching_now
from segments.starting.files import USUAL_CATEGORY, as_file
from segments.starting.finding import Existing, State
from segments.starting.gallery import as_template, categories, template_of
from segments.starting.models import SavedTemplate
from segments.starting.saving import (
    bring_template,
    change_template,
    delete_template,
    save_as_template,
)
from segments.starting.template import Template
from segments.views.shown import SECTION, SEE, person, segment_of

SAVE = "segments/template_save.html"
EDIT = "segments/template_edit.html"
UPLOAD = "segments/template_upload.html"
COUNT = "segments/_template_count.html"
USE: Final = (*SEE, "segments.view_savedtemplate", "segments.add_segment")
ADD: Final = (*USE, "segments.add_savedtemplate")
CHANGE: Final = (*USE, "segments.change_savedtemplate")
DELETE: Final = (*USE, "segments.delete_savedtemplate")
LARGEST: Final = 1_000_000
UNPROCESSABLE, TOO_LARGE = 422, 413
GET_OR_POST = ["GET", "HEAD", "POST"]


def template_or_404(key: str) -> Template:
    found = template_of(key)
    if found is None:
        raise Http404("There is no such template.")
    return found


@require_safe
@needs(*USE)
def template_count(request: HtmxHttpRequest, template: str) -> HttpResponse:
    """How many contacts it would find; asked for when its card is seen."""
    counted = matching_now(template_or_404(template), now=current_time())
    return render(request, COUNT, {"counted": counted})


@require_safe
@needs(*USE)
def template_file(request: HtmxHttpRequest, template: str) -> HttpResponse:
    chosen = template_or_404(template)
    written = ExactEncoder().encode(as_file(chosen))
    return HttpResponse(
        written,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{chosen.key}.segmentflow-template.json"'
        },
    )


@require_http_methods(GET_OR_POST)
@needs(*ADD)
def template_save(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """Of a segment."""
    segment = segment_of(key)
    if segment.kind == Segment.Kind.STATIC:
        raise Http404("A static list has no definition.")
    initial = {"name": segment.name, "description": segment.description}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_as_template(
                segment=segment,
                **form.cleaned_data,
                author=person(request),
                now=current_time(),
            )
        except Refused as refused:
            problems = tuple(refused.problems)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            messages.success(request, f"“{saved.name}” is in the gallery, under “Yours”.")
            return redirect("segment_from_template", saved.key)
    context = {
        "section": SECTION,
        "segment": segment,
        "form": form,
        "problems": problems,
        "categories": categories(),
    }
    status = UNPROCESSABLE if form.errors or problems else 200
    return render(request, SAVE, context, status=status)


@require_http_methods(GET_OR_POST)
@needs(*CHANGE)
def template_edit(request: HtmxHttpRequest, template: str) -> HttpResponse:
    saved = get_object_or_404(SavedTemplate, key=template)
    initial = {name: getattr(saved, name) for name in TemplateForm.base_fields}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        changed = change_template(
            template=saved,
            name=sent["name"],
            description=sent["description"],
            category=sent["category"] or USUAL_CATEGORY,
            now=current_time(),
        )
        messages.success(request, f"“{changed.name}” was saved.")
        return redirect("segment_from_template", changed.key)
    context = {"section": SECTION, "template": saved, "form": form, "categories": categories()}
    return render(request, EDIT, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(GET_OR_POST)
@needs(*DELETE)
def template_delete(request: HtmxHttpRequest, template: str) -> HttpResponse:
    saved = get_object_or_404(SavedTemplate, key=template)
    if request.method == "POST":
        delete_template(template=saved)
        messages.success(request, f"The template “{saved.name}” was deleted.")
        return redirect("segment_new")
    return confirm.ask(
        request,
        title=f"Delete the template “{saved.name}”",
        detail="It is taken out of the gallery for everybody.",
        consequences=[
            "Segments that began with it stay as they are.",
            "This cannot be undone. Downloaded as a file, it can be brought back.",
        ],
        button="Delete template",
        back=reverse("segment_from_template", args=[saved.key]),
        offer=("Download template", reverse("template_file", args=[saved.key])),
        section=SECTION,
    )


@require_http_methods(GET_OR_POST)
@needs(*ADD)
def template_upload(request: HtmxHttpRequest) -> HttpResponse:
    """From a file; what is wrong with it is told at once, each at what it concerns."""
    if request.method != "POST":
        return _upload(request, status=200)
    file: Any = request.FILES.get("file")
    if file is None:
        return _upload(request, error="Choose a file.")
    if file.size > LARGEST:
        return _upload(request, error="This is no template: it is larger than 1 MB.")
    try:
        raw = decode_json(file.read())
        saved = bring_template(raw=raw, author=person(request), now=current_time())
    except ApiProblem as problem:
        return _upload(request, error=f"This is no template: it is not JSON. {problem.detail}")
    except Refused as refused:
        return _upload(request, problems=refused.problems)
    except Conflict as conflict:
        return _upload(request, error=str(conflict))
    messages.success(request, f"“{saved.name}” is in the gallery, under “Yours”.")
    if said := _in_the_way(as_template(saved)):
        messages.warning(request, said)
    return redirect("segment_from_template", saved.key)


def _in_the_way(template: Template) -> str:
    names = [
        f"“{one.label}”"
        for one in Existing().look_for(template)
        if one.state in (State.OTHER_TYPE, State.ARCHIVED)
    ]
    if not names:
        return ""
    return f"What has the keys that it needs cannot be used as it is: {', '.join(names)}."


def _upload(
    request: HtmxHttpRequest,
    *,
    error: str = "",
    problems: Any = (),
    status: int = UNPROCESSABLE,
) -> HttpResponse:
    context = {"section": SECTION, "error": error, "problems": problems}
    return render(request, UPLOAD, context, status=status)
