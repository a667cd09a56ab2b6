"""Members and moves of the contacts that somebody searches for."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Func, Model, Q, QuerySet

from contacts.search import contacts_found

Row = TypeVar("Row", bound=Model)

FEW = 2_000


class _KeptAside(Func):
    """A condition whose subquery is run first and its rows are hashed: as it is not a plain
    condition any more, the database makes no join of it."""

    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()


def of_contacts_found(found: QuerySet[Row], words: str) -> QuerySet[Row]:
    """The rows whose contact has all of the words; all rows when there are no words.

    Left to itself, the database would walk through the rows and read the words of each one's
    contact, for seconds when nobody fits. A few contacts are looked up one by one; where there
    are many, the first rows of a page are soon met.
    """
    if not words:
        return found
    contacts = contacts_found(words).order_by().values_list("pk", flat=True)
    few = list(contacts[: FEW + 1])
    if len(few) <= FEW:
        return found.filter(contact__in=few)
    among = ExpressionWrapper(Q(contact__in=contacts), output_field=BooleanField())
    return found.filter(_KeptAside(among))
