"""Contacts listed by hand: which ones a request means, and putting them on a list or off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.models import Contact
from contacts.problems import Problem, Refused
from segmentflow.api.bodies import is_unstorable
from segments.auditing import note_members
from segments.engine.members import add_members, remove_members
from segments.models import Segment

MOST = 5_000
"""Contacts in one request."""
BY = ("id", "external_id", "email", "phone")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class RowProblem:
    index: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    count: int
    """Contacts whose membership changed."""
    problems: list[RowProblem]


def list_contacts(*, segment: Segment, rows: object, now: datetime) -> Outcome:
    """Add the contacts that are known; the others are reported by their place."""
    _check_static(segment)
    ids, problems = found_contacts(rows)
    with transaction.atomic():
        number = add_members(segment=segment, contact_ids=ids, now=now)
        note_members(segment, ids, number=number, is_added=True, now=now)
    return Outcome(number, problems)


def unlist_contacts(*, segment: Segment, rows: object, now: datetime) -> Outcome:
    """Take the contacts off that are known; the others are reported by their place."""
    _check_static(segment)
    ids, problems = found_contacts(rows)
    with transaction.atomic():
        number = remove_members(segment=segment, contact_ids=ids, now=now)
        note_members(segment, ids, number=number, is_added=False, now=now)
    return Outcome(number, problems)


def found_contacts(rows: object) -> tuple[list[int], list[RowProblem]]:
    """The contacts that the rows name, and what is wrong with those that name none."""
    checked = [_checked(row) for row in _as_list(rows)]
    known = _known([row for row in checked if not isinstance(row, Problem)])
    ids, problems = [], []
    for index, row in enumerate(checked):
        found = row if isinstance(row, Problem) else known.get(row, _unknown(row))
        if isinstance(found, Problem):
            problems.append(RowProblem(index, found))
        else:
            ids.append(found)
    return sorted(set(ids)), problems


def _check_static(segment: Segment) -> None:
    if segment.kind != Segment.Kind.STATIC:
        said = "The members of a dynamic segment follow from its definition."
        raise Refused([Problem("", "not_static", said)])


def _as_list(rows: object) -> Sequence[object]:
    if not isinstance(rows, list):
        raise Refused([Problem("contacts", "wrong_type", "“contacts” is a list of contacts.")])
    if len(rows) > MOST:
        said = f"One request takes at most {MOST:,} contacts, and this one has {len(rows):,}."
        raise Refused([Problem("contacts", "too_many", said)])
    return rows


def _checked(row: object) -> tuple[str, str] | Problem:
    """By what and which value a contact is named."""
    if not isinstance(row, Mapping) or len(row) != 1 or (by := next(iter(row))) not in BY:
        said = "A contact is named by exactly one of id, external_id, email and phone."
        return Problem("", "invalid", said)
    return _checked_value(by, row[by])


def _checked_value(by: str, value: Any) -> tuple[str, str] | Problem:
    if by == "id":
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
            return by, str(value)
        return Problem("id", "wrong_type", "An id is a whole number.")
    if not isinstance(value, str) or not value or is_unstorable(value):
        return Problem(by, "wrong_type", f"“{by}” is a text.")
    return by, value.lower() if by == "email" else value


def _known(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    ids = [int(value) for by, value in wanted if by == "id"]
    known = {
        ("id", str(pk)): pk
        for pk in Contact.objects.filter(pk__in=ids).values_list("pk", flat=True)
    }
    named = [(by, value) for by, value in wanted if by != "id"]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.kind, i.value, i.contact_id
            FROM unnest(%s::text[], %s::text[]) AS wanted (kind, value)
            JOIN contacts_identity i ON i.kind = wanted.kind AND i.value = wanted.value
            """,
            [[by for by, _ in named], [value for _, value in named]],
        )
        known |= {(kind, value): contact_id for kind, value, contact_id in cursor.fetchall()}
    return known


def _unknown(row: tuple[str, str]) -> Problem:
    return Problem(row[0], "unknown", f"No contact has this {row[0]}.")
