"""What the addresses of the contacts' pages ask for; a database takes no odd text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Contact
from contacts.narrowing import Filtered, list_filter, narrowings
from contacts.search import LONGEST
from contacts.selecting import Selection
from contacts.showing import contact_with_values
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.models import User

SECTION = "contacts"
SEE = ("contacts.view_contact",)
UNPROCESSABLE = 422
MOST_IDS: Final = 200
"""In one address; a page of the list has fewer."""
NOT_YOURS: Final = "Your role does not include filtering."


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST]


def id_of(text: str | None) -> int | None:
    """An id from an address; anything else means none."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)


def ids_of(texts: Iterable[str]) -> list[int]:
    found = (id_of(text) for text in texts)
    return list(dict.fromkeys(pk for pk in found if pk is not None))[:MOST_IDS]


def contact_of(pk: int) -> Contact:
    contact = contact_with_values(pk)
    if contact is None:
        raise Http404("There is no such contact.")
    return contact


def person(request: HtmxHttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - `needs` let nobody else in
    return request.user


def selection_of(request: HtmxHttpRequest) -> Selection:
    """The contacts of a list that is searched, narrowed and filtered as in this address."""
    by = {name: value for name in narrowings() if (value := searched(request, name))}
    return Selection(words=searched(request), by=by, filtered=_filtered(request))


def _filtered(request: HtmxHttpRequest) -> Filtered | None:
    given = list_filter()
    text = request.GET.get(given.parameter, "") if given else ""
    if given is None or not text:
        return None
    if not request.user.has_perms(given.needs):
        return Filtered((), None, NOT_YOURS)
    return given.read(text, current_time())


def kept(request: HtmxHttpRequest, *, without: str = "") -> dict[str, str]:
    """What the address says about the list, apart from the page of it."""
    given = list_filter()
    names = ("q", *narrowings(), *([given.parameter] if given else []), "sort")
    return {
        name: value for name in names if name != without and (value := request.GET.get(name, ""))
    }


def list_query(request: HtmxHttpRequest, *, without: str = "") -> str:
    return urlencode(kept(request, without=without))


def list_address(request: HtmxHttpRequest) -> str:
    """Of the list that led here."""
    query = list_query(request)
    return reverse("contact_list") + (f"?{query}" if query else "")
