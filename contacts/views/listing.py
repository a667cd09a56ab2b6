"""All contacts, the newest first: searched and narrowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.models import Contact
from contacts.narrowing import Choice, narrowings
from contacts.selectors import newest_contacts
from contacts.views.asked import SECTION, SEE, id_of, searched
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page
from segmentflow.models import TallySubject
from segmentflow.tallies import total

PAGE = "contacts/contact_list.html"
CONTACTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One way to narrow the list, and what was asked for."""

    parameter: str
    label: str
    value: str
    choices: Sequence[Choice]

    @property
    def chosen(self) -> Choice | None:
        """None when nothing was asked for, or nothing that exists."""
        return next((choice for choice in self.choices if choice.value == self.value), None)


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def contact_list(request: HtmxHttpRequest) -> HttpResponse:
    words = searched(request)
    narrowed = [
        Narrowed(parameter, narrowing.label, value, narrowing.choices(value))
        for parameter, narrowing in narrowings().items()
        for value in [searched(request, parameter)]
    ]
    asked = {one.parameter: one.value for one in narrowed if one.value}
    context = {
        "section": SECTION,
        "page": _page(request, words, asked),
        "q": words,
        "narrowed": narrowed,
        "unknown": next((one for one in narrowed if one.value and not one.chosen), None),
        "is_narrowed": bool(asked),
        "total": None if words or asked else total(TallySubject.CONTACTS),
    }
    return render(request, page_or_part(request, PAGE, "contacts"), context)


def _page(request: HtmxHttpRequest, words: str, asked: Mapping[str, str]) -> Page[Contact]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Contact]:  # noqa: FBT001 - as keyset.Read says
        place = id_of(cursor)
        return newest_contacts(
            words=words,
            by=asked,
            before=None if backwards else place,
            after=place if backwards else None,
            limit=limit,
        )

    return keyset_page(
        request.GET, read=read, cursor=lambda contact: str(contact.pk), size=CONTACTS_A_PAGE
    )
