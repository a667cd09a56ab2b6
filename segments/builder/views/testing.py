"""Test a contact: whether it fits the draft, with the value it has at every condition."""

from __future__ import annotations

from dataclasses import replace
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
from segments.conditions.nodes import Match
from segments.engine.explain import Explanation, foresee
from segments.explained import SUPPOSED, Verdict, deciding, foretold, group_words, reason, told
from segments.views.shown import number_of, searched

PAGE = "builder/builder_test.html"
FOUND = 8


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
    group, labels, now = drawing.reading.group, drawing.vocabulary.labels, current_time()
    found = group and foresee(group, contact_id=contact_id, now=now)
    if not found:
        return {"contact": contact, "verdict": _verdict(drawing.opened.tree, {}, drawing)}
    known, decisive = dict(_by_path(found)), deciding(found)
    by_id = {
        node: told(known[path], labels=labels, now=now, decides=path in decisive)
        for path, node in drawing.reading.places.items()
        if path in known
    }
    return {
        "contact": contact,
        "verdict": _verdict(drawing.opened.tree, by_id, drawing),
        "reason": reason(found, labels=labels, now=now),
        "foretold": foretold(found, labels, SUPPOSED),
    }


def _by_path(explanation: Explanation) -> list[tuple[str, Explanation]]:
    below = [pair for child in explanation.children for pair in _by_path(child)]
    return [(explanation.path, explanation), *below]


def _verdict(node: Tree, by_id: dict[str, Verdict], drawing: Drawing) -> Verdict:
    """As the draft has it, with those, too, that are not complete."""
    below = node["children"] if is_group(node) else []
    children = tuple(_verdict(child, by_id, drawing) for child in below)
    known = by_id.get(node["id"]) or Verdict(_label(node, drawing))
    return replace(known, children=children)


def _label(node: Tree, drawing: Drawing) -> str:
    if not is_group(node):
        return words_of(node, drawing.reading, drawing.vocabulary.labels)
    match = next((one for one in Match if one == node.get("match")), Match.ALL)
    return group_words(match, str(node.get("name") or ""))
