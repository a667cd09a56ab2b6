"""What the addresses of the contacts' pages ask for; a database takes no odd text."""

from __future__ import annotations

from django.http import Http404

from contacts.models import Contact
from contacts.search import LONGEST
from contacts.showing import contact_with_values
from segmentflow.htmx import HtmxHttpRequest

SECTION = "contacts"
SEE = ("contacts.view_contact",)
UNPROCESSABLE = 422


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST]


def id_of(text: str | None) -> int | None:
    """An id from an address; anything else means none."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)


def contact_of(pk: int) -> Contact:
    contact = contact_with_values(pk)
    if contact is None:
        raise Http404("There is no such contact.")
    return contact
