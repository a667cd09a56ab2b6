"""Pages for those who work on SegmentFlow; they exist only with DEBUG=1."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from segmentflow.clock import current_time
from segmentflow.confirm import ask
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.keyset import Page


class ExampleForm(forms.Form):
    """One control of each sort."""

    name = forms.CharField(help_text="What it is called in lists.")
    kind = forms.ChoiceField(choices=[("dynamic", "Dynamic"), ("static", "Static list")])
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
    agrees = forms.BooleanField(label="Send it to me", required=False)
    scopes = forms.MultipleChoiceField(
        choices=[("read", "Read"), ("write", "Write")],
        widget=forms.CheckboxSelectMultiple,
        help_text="At least one.",
    )


@require_safe
@needs()
def components(request: HtmxHttpRequest) -> HttpResponse:
    """Every part of the kit as it looks and behaves, with the tag that makes it."""
    now = current_time()
    messages.info(request, "A message after something was done.")
    context = {
        "now": now,
        "earlier": now - timedelta(days=3),
        "values": [3, 4, 4, 7, 6, 9, 12, 11, 14],
        "days": [
            (now.date() - timedelta(days=9 - day), 20 + day * day, day % 4) for day in range(10)
        ],
        "form": ExampleForm(),
        "wrong_form": ExampleForm({"kind": "other"}),
        "sort": "name",
        "tones": ["neutral", "accent", "good", "warn", "bad"],
        "page": Page(rows=[], previous="10", next="20"),
    }
    return render(request, "ui/components.html", context)


@require_safe
@needs()
def question(request: HtmxHttpRequest) -> HttpResponse:
    return ask(
        request,
        title="Delete segment “Inactive VIPs”?",
        detail="It has 642 members. This cannot be undone.",
        button="Delete segment",
        back="/components",
        consequences=["Its history goes with it.", "Contacts stay."],
    )


urlpatterns = [
    path("components", components, name="components"),
    path("components/question", question, name="components_question"),
]
