"""Which columns the list of contacts has: chosen and ordered by each person for themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from contacts.columns import (
    MOST,
    Column,
    all_columns,
    choose_columns,
    chosen_columns,
    forget_columns,
    picked,
)
from contacts.problems import Refused
from contacts.views.asked import SECTION, SEE, UNPROCESSABLE, list_address, person
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part

PAGE = "contacts/contact_columns.html"
WAYS = {"up": -1, "down": 1}


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*SEE)
def contact_columns(request: HtmxHttpRequest) -> HttpResponse:
    known = all_columns()
    if request.method != "POST":
        return _ask(request, known, chosen_columns(person=person(request), columns=known))
    way, _, key = request.POST.get("do", "save").partition(":")
    if way == "usual":
        forget_columns(person=person(request))
        return redirect(list_address(request))
    keys = request.POST.getlist("column")
    if way in WAYS:  # without JavaScript, which moves them by itself
        return _ask(request, known, picked(known, moved(keys, key, WAYS[way])))
    try:
        choose_columns(person=person(request), keys=keys)
    except Refused as refused:
        said = refused.problems[0].message
        return _ask(request, known, picked(known, keys), problem=said)
    return redirect(list_address(request))


def moved(keys: Sequence[str], key: str, by: int) -> list[str]:
    """One place up or down, where there is one."""
    left = [one for one in keys if one != key]
    if key not in keys:
        return left
    place = min(len(left), max(0, list(keys).index(key) + by))
    return [*left[:place], key, *left[place:]]


def _ask(
    request: HtmxHttpRequest, known: Sequence[Column], chosen: Sequence[Column], problem: str = ""
) -> HttpResponse:
    context = {
        "section": SECTION,
        "chosen": chosen,
        "others": [column for column in known if column not in chosen],
        "most": MOST,
        "problem": problem,
        "back": list_address(request),
    }
    status = UNPROCESSABLE if problem else 200
    return render(request, page_or_part(request, PAGE, "columns"), context, status=status)
