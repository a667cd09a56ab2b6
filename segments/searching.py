"""Members and moves of the contacts that somebody searches for."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Func, Model, Q, QuerySet

from contacts.search import contacts_found

Row = TypeVar("Row", bound=Model)

FEW = 2_000


class _KeptAside(Func):
    """A condition whose subquery is run first and its rows are hashed: as it is not a plain
    condition any more, the database makes no join of it."""

    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()


def few_found(words: str) -> list[int] | None:
    """The contacts that have all of the words; None: they are many."""
    few = list(contacts_found(words).order_by().values_list("pk", flat=True)[: FEW + 1])
    return few if len(few) <= FEW else None


def found_as_sql(words: str) -> tuple[str, tuple[Any, ...]]:
    """A query of their ids, with its parameters."""
    contacts = contacts_found(words).order_by().values_list("pk", flat=True)
    sql, params = contacts.query.sql_with_params()
    return sql, tuple(params)


def of_contacts_found(found: QuerySet[Row], words: str) -> QuerySet[Row]:
    """The rows whose contact has all of the words; all rows when there are no words.

    Left to itself, the database would walk through the rows and read the words of each one's
    contact, for seconds when nobody fits. A few contacts are looked up one by one; where there
    are many, the first rows of a page are soon met.
    """
    if not words:
        return found
    few = few_found(words)
    if few is not None:
        return found.filter(contact__in=few)
    contacts = contacts_found(words).order_by().values_list("pk", flat=True)
    among = ExpressionWrapper(Q(contact__in=contacts), output_field=BooleanField())
    return found.filter(_KeptAside(among))
