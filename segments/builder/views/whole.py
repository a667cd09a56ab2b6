"""The draft as a whole: as JSON, and given up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contacts.problems import Refused
from segmentflow import confirm
from segmentflow.clock import current_time
from segmentflow.forms import JsonTextField
from segmentflow.htmx import HtmxHttpRequest, needs
from segments.builder.aligning import aligned, tree_of
from segments.builder.drafts import Stale, discard_draft, open_draft, save_step
from segments.builder.views.shown import NEEDS, UNPROCESSABLE, buildable, drawing_of, overtaken
from segments.conditions.edit import without_ids
from segments.drafts import draft_problem
from segments.views.shown import SECTION, number_of, person

PAGE = "builder/builder_json.html"


class JsonForm(forms.Form):
    definition = JsonTextField(
        help_text="As the API takes it. It may be incomplete: what is missing is told in the builder."
    )

    def clean_definition(self) -> Any:
        definition = self.cleaned_data["definition"]
        if problem := draft_problem(definition):
            raise forms.ValidationError(problem.message)
        return definition


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*NEEDS)
def builder_json(request: HtmxHttpRequest, key: str) -> HttpResponse:
    opened = open_draft(segment=buildable(key))
    initial = {"definition": without_ids(opened.tree)}
    form = JsonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_step(
                segment=opened.segment,
                revision=number_of(request.POST.get("revision")) or 0,
                tree=aligned(tree_of(form.cleaned_data["definition"]), opened.tree),
                label="Edited as JSON",
                person=person(request),
                now=current_time(),
            )
        except Stale as stale:
            return overtaken(request, stale)
        except Refused as refused:
            form.add_error("definition", [problem.message for problem in refused.problems])
        else:
            messages.success(request, "The definition was taken over into the draft.")
            return redirect("builder", key)
    context = drawing_of(opened).around() | {"form": form}
    return render(request, PAGE, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*NEEDS)
def builder_discard(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = buildable(key)
    if request.method == "POST":
        discard_draft(segment=segment, person=person(request), now=current_time())
        messages.success(request, "The draft was discarded.")
        return redirect("builder", key)
    is_published = segment.live_version_id is not None
    return confirm.ask(
        request,
        title=f"Discard the draft of “{segment.name}”",
        detail="Everything that was changed in the builder since it was last published is given up."
        if is_published
        else "Everything that was built so far is given up.",
        button="Discard draft",
        back=reverse("builder", args=[key]),
        consequences=[
            "The builder shows what is published."
            if is_published
            else "The builder is empty again.",
            "This cannot be undone.",
        ],
        section=SECTION,
    )
