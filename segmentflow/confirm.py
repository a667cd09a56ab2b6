"""The question before something that cannot be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from django.http import HttpResponse
from django.shortcuts import render

from segmentflow.htmx import HtmxHttpRequest, page_or_part

TEMPLATE = "ui/confirm.html"


class Linked(Protocol):
    """Something that has a page."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...


def ask(
    request: HtmxHttpRequest,
    *,
    title: str,
    detail: str,
    button: str,
    back: str,
    consequences: Sequence[str] | Sequence[Linked] = (),
    is_refused: bool = False,
    section: str = "",
    fields: Mapping[str, str] | None = None,
    offer: tuple[str, str] | None = None,
    instead: str = "Cancel",
) -> HttpResponse:
    """A page, or with htmx a dialog, whose form posts to the same address.

    `is_refused`: it cannot be done, and the consequences say why; there is no button then.
    `fields`: sent along. `offer`: what one may want to take away before, and its address.
    `instead`: how the way back is called.
    """
    context = {
        "title": title,
        "detail": detail,
        "button": button,
        "back": back,
        "consequences": consequences,
        "is_refused": is_refused,
        "section": section,
        "fields": fields or {},
        "offer": offer,
        "instead": instead,
    }
    return render(request, page_or_part(request, TEMPLATE, "question"), context)
