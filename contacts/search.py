"""Finds contacts by the beginnings of words in their names and identities."""

from __future__ import annotations

import re
from typing import Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from contacts.models import Contact
from contacts.values import is_storable
from segmentflow.citus.here import is_spread

LONGEST: Final = 200
"""What is read of a text; whoever pastes more finds too many rather than an error."""
MOST_WORDS: Final = 10

BY_INDEX: Final = "SELECT contacts_with_words(%s::tsquery)"
SPREAD: Final = """
    SELECT id FROM contacts_contact
    WHERE contact_words(first_name, last_name, email, external_id, phone) @@ %s::tsquery
"""
"""On a cluster: each machine looks among its own contacts."""

_WRITTEN_NUMBER = re.compile(r"[0-9\s()+./-]+")


def contacts_found(words: str) -> QuerySet[Contact]:
    """Those in which each of the words begins a word; "ann ber" finds Anna Berg.

    A number is also found when it is written together: "47 912" in +4791234567. A blank text
    finds everybody; one that has signs but no words, like "%", finds nobody.
    """
    if not words.strip():
        return Contact.objects.all()
    query = _query(words)
    if not query:
        return Contact.objects.none()
    found = RawSQL(SPREAD if is_spread() else BY_INDEX, [query])  # noqa: S611 - constants
    return Contact.objects.filter(pk__in=found)


def _query(words: str) -> str:
    if not is_storable(words):
        return ""
    read = words[:LONGEST]
    each = " & ".join(_beginning(word) for word in _split(read)[:MOST_WORDS])
    together = re.sub(r"[^0-9]", "", read) if _WRITTEN_NUMBER.fullmatch(read) else ""
    return f"({each}) | {_beginning(together)}" if together else each


def _beginning(word: str) -> str:
    """Words hold letters and digits only, so that none of them needs quoting."""
    return f"{word}:*"


def _split(text: str) -> list[str]:
    """As the index does it; the longest first, which say most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM search_words(%s) AS word ORDER BY length(word) DESC, word", [text]
        )
        return [word for (word,) in cursor.fetchall()]
