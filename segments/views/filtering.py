"""The pages on which a condition is chosen that a list of contacts is filtered by.

They are about an address: that of the list, whose query they are given and lead back to with
one condition more, or another one. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from contacts.views.asked import SECTION, kept, list_address
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part, wants_part
from segmentflow.limits import TooSlow
from segments.builder.altering import altered
from segments.builder.blocks import new_node, palette
from segments.builder.changing import PREFIX, changed
from segments.builder.parts import PaletteSection, RowView
from segments.builder.reading import Reading, read_draft
from segments.builder.shown import Canvas
from segments.builder.suggesting import NOTHING, suggestions_for
from segments.builder.vocabulary import Vocabulary, load_vocabulary
from segments.conditions.edit import EditError, Tree, with_ids
from segments.filtering import (
    CONDITIONS,
    NOT_JSON,
    PARAMETER,
    NotUnderstood,
    all_of,
    read_conditions,
    written,
)
from segments.views.shown import number_of, searched

CHOOSE = "segments/filter_choose.html"
EDIT = "segments/filter_edit.html"
VALUES = "builder/_values.html"
NEEDS = ("contacts.view_contact", *CONDITIONS.needs)
UNPROCESSABLE = 422
APPLY, CHANGE = "apply", "change"
NOT_A_FILTER: Final = ("group", "everyone")


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition that is being made or changed."""

    tree: Tree
    """A group of it alone, with ids."""
    place: int | None
    """Among the conditions of the list; None for a new one."""
    refusal: str = ""

    @property
    def condition(self) -> Tree:
        return {key: value for key, value in self.tree["children"][0].items() if key != "id"}


@require_safe
@vary_on_headers("HX-Request")
@needs(*NEEDS)
def filter_choose(request: HtmxHttpRequest) -> HttpResponse:
    """What there is to filter by."""
    vocabulary = load_vocabulary()
    context = _around(request) | {"sections": _offered(vocabulary)}
    return render(request, page_or_part(request, CHOOSE, "filter"), context)


def _offered(vocabulary: Vocabulary) -> list[PaletteSection]:
    """What stands for one condition, and for some contacts."""
    sections = [
        replace(
            section,
            blocks=tuple(block for block in section.blocks if block.key not in NOT_A_FILTER),
        )
        for section in palette(vocabulary)
    ]
    return [section for section in sections if section.blocks]


@require_safe
@vary_on_headers("HX-Request")
@needs(*NEEDS)
def filter_edit(request: HtmxHttpRequest) -> HttpResponse:
    """One condition with its controls; applied, the list with it."""
    if not {"condition", "place", "add"} & request.GET.keys():
        return redirect(f"{reverse('filter_choose')}?{request.GET.urlencode()}")
    vocabulary = load_vocabulary()
    asked = _asked(request, vocabulary)
    reading = read_draft(asked.tree, vocabulary.catalog)
    is_applied = request.GET.get("do") == APPLY and not asked.refusal
    if is_applied and reading.is_complete:
        try:
            return _to(request, _list_with(request, asked))
        except NotUnderstood as error:
            asked = replace(asked, refusal=str(error))
    row = _row(asked, reading if is_applied else replace(reading, troubles=()), vocabulary)
    context = _around(request) | {
        "row": row,
        "asked": asked,
        "condition": written([asked.condition]),
    }
    status = UNPROCESSABLE if is_applied or asked.refusal else 200
    return render(request, page_or_part(request, EDIT, "filter"), context, status=status)


def _asked(request: HtmxHttpRequest, vocabulary: Vocabulary) -> Asked:
    """Raises Http404 for what is not there to be changed."""
    place = number_of(request.GET.get("place"))
    try:
        before = _begun(request, place, vocabulary)
    except (EditError, NotUnderstood) as error:
        raise Http404(str(error)) from None
    try:
        after, refusal = _sent(request, before, vocabulary), ""
    except EditError as error:
        after, refusal = before, str(error)
    return Asked(_alone(after), place, refusal)


def _alone(condition: Tree) -> Tree:
    bare = {key: value for key, value in condition.items() if key != "id"}
    return with_ids(all_of([bare]))


def _begun(request: HtmxHttpRequest, place: int | None, vocabulary: Vocabulary) -> Tree:
    """As the row showed it; else as the list has it; else new."""
    if text := request.GET.get("condition", ""):
        return _first(read_conditions(text), 0)
    if place is not None:
        return _first(read_conditions(request.GET.get(PARAMETER, "")), place)
    return new_node(request.GET.get("add", ""), vocabulary)


def _first(conditions: Sequence[Tree], place: int) -> Tree:
    if place >= len(conditions) or "children" in conditions[place]:
        raise NotUnderstood(NOT_JSON)
    return conditions[place]


def _sent(request: HtmxHttpRequest, before: Tree, vocabulary: Vocabulary) -> Tree:
    """With what was entered in its row."""
    posted = {name: values for name, values in request.GET.lists() if name.startswith(PREFIX)}
    node = changed(before, posted, vocabulary)
    do = request.GET.get("do", CHANGE)
    return node if do in (APPLY, CHANGE) else altered(node, do, vocabulary)


def _row(asked: Asked, reading: Reading, vocabulary: Vocabulary) -> RowView:
    row = Canvas(asked.tree, reading, vocabulary).node(asked.tree, 0)
    assert isinstance(row, RowView)  # noqa: S101 - _first lets no group through; for mypy
    return row


def _list_with(request: HtmxHttpRequest, asked: Asked) -> str:
    """Address of the list with the condition; raises NotUnderstood when it would take no more."""
    try:
        conditions = read_conditions(request.GET.get(PARAMETER, ""))
    except NotUnderstood:
        conditions = []  # it left nobody, and said so
    if asked.place is not None and asked.place < len(conditions):
        conditions[asked.place] = asked.condition
    else:
        conditions.append(asked.condition)
    text = written(conditions)
    read_conditions(text)
    query = urlencode({**kept(request), PARAMETER: text})
    return f"{reverse('contact_list')}?{query}"


def _to(request: HtmxHttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if wants_part(request) else redirect(address)


def _around(request: HtmxHttpRequest) -> dict[str, Any]:
    """What every page of these has; `kept`: the list's own parameters."""
    return {"section": SECTION, "kept": kept(request), "back": list_address(request)}


@require_safe
@needs(*NEEDS)
def filter_values(request: HtmxHttpRequest) -> HttpResponse:
    """Values that contacts have, for a control of the row."""
    try:
        conditions = read_conditions(request.GET.get("condition", ""))
        tree = _alone(_first(conditions, 0))
        found = suggestions_for(
            tree=tree,
            node_id=tree["children"][0]["id"],
            name=searched(request, "name"),
            words=searched(request),
            vocabulary=load_vocabulary(),
        )
    except (EditError, NotUnderstood, TooSlow):
        found = NOTHING
    return render(request, VALUES, {"suggestions": found})
