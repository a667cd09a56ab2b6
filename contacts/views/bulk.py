"""Something done with several contacts of the list: those that were ticked, or all it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from contacts.bulk import BulkAction, actions_for
from contacts.problems import Conflict, Problem, Refused
from contacts.selecting import Selection
from contacts.views.asked import (
    SECTION,
    SEE,
    UNPROCESSABLE,
    ids_of,
    list_address,
    list_query,
    person,
    selection_of,
)
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs
from segmentflow.limits import TooSlow, within
from segmentflow.templatetags.ui import count

PAGE = "contacts/contact_bulk.html"
EXPORT = "export"
PATIENCE_MS: Final = 10_000
CONFLICT = 409


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*SEE)
def contact_bulk(request: HtmxHttpRequest) -> HttpResponse:
    selection = _selected(request)
    if selection is None:
        messages.warning(request, "Nobody was chosen: tick contacts first, or “All that match”.")
        return redirect(list_address(request))
    if request.GET.get("do") == EXPORT:
        ticked = urlencode([("id", pk) for pk in selection.ids or ()])
        query = "&".join(filter(None, (list_query(request), ticked)))
        return redirect(f"{reverse('contact_export')}?{query}")
    action = _action(request)
    ids = _ids(selection, action)
    if ids is None or len(ids) > action.most:
        return _ask(request, action, ids, status=UNPROCESSABLE)
    if request.method == "POST":
        return _done(request, action, ids)
    return _ask(request, action, ids)


def _selected(request: HtmxHttpRequest) -> Selection | None:
    """None when nobody was chosen, which never means everybody."""
    selection = selection_of(request)
    if request.GET.get("all") == "1":
        return selection
    ids = ids_of(request.GET.getlist("id"))
    return replace(selection, ids=ids) if ids else None


def _action(request: HtmxHttpRequest) -> BulkAction:
    """Raises PermissionDenied for one that the person may not do."""
    key = request.GET.get("do", "")
    for action in actions_for(person(request)):
        if action.key == key:
            return action
    raise PermissionDenied("Your role does not include this.")


def _ids(selection: Selection, action: BulkAction) -> list[int] | None:
    """At most one more than can be done at once; None when they could not be found in time."""
    found = selection.contacts().order_by("pk").values_list("pk", flat=True)
    try:
        with within(PATIENCE_MS):
            return list(found[: action.most + 1])
    except TooSlow:
        return None


def _done(request: HtmxHttpRequest, action: BulkAction, ids: list[int]) -> HttpResponse:
    if request.POST.get("number") != str(len(ids)):
        said = "Others match now than when you were asked. Look at the number again."
        return _ask(request, action, ids, problem=said, status=CONFLICT)
    try:
        done = action.perform(ids, _choice(request, action), current_time())
    except Refused as refused:
        said = " ".join(problem.message for problem in refused.problems)
        return _ask(request, action, ids, problem=said, status=UNPROCESSABLE)
    except Conflict as conflict:
        return _ask(request, action, ids, problem=str(conflict), status=CONFLICT)
    messages.success(request, done)
    return redirect(list_address(request))


def _choice(request: HtmxHttpRequest, action: BulkAction) -> str:
    """What was chosen, or what was made of the name that was entered."""
    if action.choices is None:
        return ""
    name, choice = request.POST.get("new", "").strip(), request.POST.get("choice", "")
    if name and action.create:
        return action.create(name, person(request), current_time())
    if choice not in {value for value, _ in action.choices()}:
        said = f"Choose a {action.choice_label.lower()}."
        raise Refused([Problem("choice", "missing", said)])
    return choice


def _ask(
    request: HtmxHttpRequest,
    action: BulkAction,
    ids: list[int] | None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    number = len(ids or ())
    contacts = count(number, "contact")
    context: dict[str, Any] = {
        "section": SECTION,
        "action": action,
        "number": number,
        "is_too_slow": ids is None,
        "is_too_many": number > action.most,
        "title": action.title.format(contacts="contacts" if number > action.most else contacts),
        "button": action.button.format(contacts=contacts),
        "choices": action.choices() if action.choices else None,
        "can_create": action.create is not None,
        "choice": request.POST.get("choice", ""),
        "new": request.POST.get("new", ""),
        "problem": problem,
        "back": list_address(request),
    }
    return render(request, PAGE, context, status=status)
