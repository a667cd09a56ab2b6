"""All contacts: searched, narrowed and filtered, with the columns of one's choice, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.bulk import actions_for
from contacts.cells import cell
from contacts.columns import Column, all_columns, chosen_columns
from contacts.models import Contact
from contacts.narrowing import About, Choice, list_filter, narrowings
from contacts.selecting import Selection
from contacts.selectors import contacts_in_order, newest_contacts
from contacts.sorting import Order, order_of
from contacts.views.asked import SECTION, SEE, id_of, kept, list_query, person, selection_of
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segmentflow.limits import TooSlow, within
from segmentflow.models import TallySubject
from segmentflow.tallies import total

PAGE = "contacts/contact_list.html"
COUNT = "contacts/_contact_count.html"
CONTACTS_A_PAGE = 50
PATIENCE_MS: Final = 3_000
"""For who is on a page; whoever waits longer had better been told."""
COUNT_MS: Final = 500
NOBODY: Final[Page[Contact]] = Page([], None, None)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One way to narrow the list, and what was asked for."""

    parameter: str
    label: str
    value: str
    choices: Sequence[Choice]
    without: str
    """The address of the list without it, from “?” on."""

    @property
    def chosen(self) -> Choice | None:
        """None when nothing was asked for, or nothing that exists."""
        return next((choice for choice in self.choices if choice.value == self.value), None)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def contact_list(request: HtmxHttpRequest) -> HttpResponse:
    selection = selection_of(request)
    known = all_columns()
    columns = chosen_columns(person=person(request), columns=known)
    order = order_of(request.GET.get("sort", ""), known)
    page, is_too_slow = _page(request, selection, order, columns)
    context = {
        "section": SECTION,
        "page": page,
        "rows": [(one, [cell(one, column) for column in columns]) for one in page.rows],
        "columns": columns,
        "sort": order.name if order else "",
        "order": order,
        "is_too_slow": is_too_slow,
        "selection": selection,
        "q": selection.words,
        "is_narrowed": bool(selection.by or selection.filtered),
        "total": total(TallySubject.CONTACTS) if selection.is_everybody else None,
        "actions": actions_for(person(request)),
        "kept": kept(request),
    }
    context |= _narrowing(request, selection.by) | _filter(request, selection)
    return render(request, page_or_part(request, PAGE, "contacts"), context)


def _narrowing(request: HtmxHttpRequest, by: Mapping[str, str]) -> dict[str, Any]:
    narrowed = [
        Narrowed(
            parameter,
            narrowing.label,
            value,
            narrowing.choices(value),
            f"?{list_query(request, without=parameter)}",
        )
        for parameter, narrowing in narrowings().items()
        for value in [by.get(parameter, "")]
    ]
    unknown = next((one for one in narrowed if one.value and not one.chosen), None)
    return {"narrowed": narrowed, "unknown": unknown}


def _filter(request: HtmxHttpRequest, selection: Selection) -> dict[str, Any]:
    given = list_filter()
    if given is None or not request.user.has_perms(given.needs):
        return {}
    is_kept = bool(selection.by or selection.filtered) and not (
        selection.filtered and selection.filtered.problem
    )
    return {
        "filter": given,
        "where": request.GET.get(given.parameter, ""),
        "unfiltered": f"?{list_query(request, without=given.parameter)}",
        "can_keep": is_kept and request.user.has_perms(given.keep_needs),
    }


def _page(
    request: HtmxHttpRequest, selection: Selection, order: Order | None, columns: Sequence[Column]
) -> tuple[Page[Contact], bool]:
    """Who is on it, and whether that could not be found out in time."""
    try:
        with within(PATIENCE_MS):
            page = _ordered(request, selection, order) if order else _newest(request, selection)
    except TooSlow:
        return NOBODY, True
    with_attributes = any(column.field for column in columns)
    ids = [contact.pk for contact in page.rows]
    return replace(page, rows=contacts_in_order(ids, with_attributes=with_attributes)), False


def _newest(request: HtmxHttpRequest, selection: Selection) -> Page[Contact]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Contact]:  # noqa: FBT001 - as keyset.Read says
        place = id_of(cursor)
        ids = newest_contacts(
            selection=selection,
            before=None if backwards else place,
            after=place if backwards else None,
            limit=limit,
        )
        return [Contact(pk=pk) for pk in ids]

    return keyset_page(
        request.GET, read=read, cursor=lambda contact: str(contact.pk), size=CONTACTS_A_PAGE
    )


def _ordered(request: HtmxHttpRequest, selection: Selection, order: Order) -> Page[Contact]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Contact]:  # noqa: FBT001 - as keyset.Read says
        found = order.after(selection.contacts(), cursor, backwards=backwards)
        return list(found.only("pk")[:limit])

    return keyset_page(request.GET, read=read, cursor=order.cursor, size=CONTACTS_A_PAGE)


@require_safe
@needs(*SEE)
def contact_count(request: HtmxHttpRequest) -> HttpResponse:
    """How many contacts the list has, exactly if that takes but a moment."""
    selection = selection_of(request)
    return render(request, COUNT, {"counted": _counted(request, selection)})


def _counted(request: HtmxHttpRequest, selection: Selection) -> About | None:
    try:
        with within(COUNT_MS):
            return About(selection.contacts().count(), is_exact=True)
    except TooSlow:
        given = list_filter()
        if given is None or selection.words or not selection.filtered:
            return None
        text = request.GET.get(given.parameter, "")
        return given.count(text, selection.by, current_time())
