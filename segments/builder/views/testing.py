"""Test a contact: whether it fits the draft, with the value it has at every condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.models import Contact
from contacts.search import contacts_found
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.builder.shown import words_of
from segments.builder.views.shown import NEEDS, Drawing, drawing_for
from segments.conditions.edit import Tree, is_group
from segments.conditions.words_actual import actual_words
from segments.engine.explain import Explanation, explain
from segments.views.shown import number_of, searched

PAGE = "builder/builder_test.html"
FOUND = 8
MATCH_WORDS = {"all": "All of", "any": "Any of", "none": "None of"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One node of the draft, for one contact."""

    label: str
    passes: bool | None
    """None while it is not complete."""
    value: str
    """What the contact has."""
    children: tuple[Verdict, ...]


@require_safe
@needs(*NEEDS, "contacts.view_contact")
def builder_test(request: HtmxHttpRequest, key: str) -> HttpResponse:
    drawing, words = drawing_for(key), searched(request)
    context = drawing.around() | {"q": words}
    if (contact_id := number_of(request.GET.get("contact"))) is not None:
        context |= _tested(drawing, contact_id)
    elif words:
        context["found"] = list(contacts_found(words).defer("attributes").order_by("-pk")[:FOUND])
    return render(request, page_or_part(request, PAGE, "test"), context)


def _tested(drawing: Drawing, contact_id: int) -> dict[str, Any]:
    contact = get_object_or_404(Contact.objects.defer("attributes"), pk=contact_id)
    group = drawing.reading.group
    explanation = group and explain(group, contact_id=contact_id, now=current_time())
    known = dict(_by_path(explanation)) if explanation else {}
    by_id = {node: known[path] for path, node in drawing.reading.places.items() if path in known}
    return {"contact": contact, "verdict": _verdict(drawing.opened.tree, by_id, drawing)}


def _by_path(explanation: Explanation) -> list[tuple[str, Explanation]]:
    below = [pair for child in explanation.children for pair in _by_path(child)]
    return [(explanation.path, explanation), *below]


def _verdict(node: Tree, by_id: dict[str, Explanation], drawing: Drawing) -> Verdict:
    found, labels = by_id.get(node["id"]), drawing.vocabulary.labels
    children = node["children"] if is_group(node) else []
    return Verdict(
        label=_label(node, drawing),
        passes=found.truth if found else None,
        value=actual_words(found.node, found.actual, labels=labels, now=current_time())
        if found and not is_group(node)
        else "",
        children=tuple(_verdict(child, by_id, drawing) for child in children),
    )


def _label(node: Tree, drawing: Drawing) -> str:
    if not is_group(node):
        return words_of(node, drawing.reading, drawing.vocabulary.labels)
    match = MATCH_WORDS.get(str(node.get("match")), "All of")
    return f"{match} “{node['name']}”" if node.get("name") else match
