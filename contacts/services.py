"""The one way contacts are written: from the API, from files and with their first event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from contacts.changes import Change, Kind, record_changes
from contacts.consents import follow_rows
from contacts.identities import (
    IdentityKey,
    claim_identities,
    find_owners,
    release_identities,
)
from contacts.locks import share_fields
from contacts.models import Field
from contacts.problems import Problem, quoted
from contacts.retrying import in_transaction
from contacts.retyping.arriving import Check, arriving_check
from contacts.rows import ContactRow, is_short_text, wrong_built_in
from contacts.stored import (
    StoredContact,
    hold_contacts,
    insert_contacts,
    new_ids,
    update_contacts,
)
from contacts.upsert import Upsert, wanted_identities
from contacts.values import wrong_value
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many

ATTEMPTS = 50
"""How often others may be quicker with an identity; each time, theirs is there afterwards."""


@dataclass(slots=True)
class UpsertResult:
    created: int = 0
    updated: int = 0
    """Rows about contacts that were known, whether or not they changed anything."""
    contact_ids: list[int | None] = field(default_factory=list)
    """One for each row; None for those that were refused."""
    errors: dict[int, list[Problem]] = field(default_factory=dict)
    """By the place of the row."""


@in_transaction
def upsert_contacts(
    *, rows: Sequence[ContactRow], now: datetime, is_bulk: bool = False
) -> UpsertResult:
    """Create or update contacts; rows are applied in their order, bad ones change nothing.

    `is_bulk`: there are very many, and whatever else changes goes into segments before them.
    """
    share_fields()
    types, arriving = _types()
    wrong = _wrong_rows(rows, types, arriving)
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _store(rows, wrong, now, is_bulk=is_bulk)
        except _Outrun:
            continue
    raise RuntimeError(f"others were quicker with the same identities {ATTEMPTS} times")


@in_transaction
def try_contacts(*, rows: Sequence[ContactRow], new_fields: Mapping[str, str]) -> UpsertResult:
    """What `upsert_contacts` would answer; stores nothing. `new_fields`: types of those to be defined."""
    types = {**new_fields, **dict(Field.objects.values_list("key", "type"))}
    wrong = _wrong_rows(rows, types, {})
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _applied(rows, wrong)[0]
        except _Outrun:
            continue
    raise RuntimeError(f"others were quicker with the same identities {ATTEMPTS} times")


class _Outrun(Exception):
    """Another request stored something about these contacts meanwhile."""


def _store(
    rows: Sequence[ContactRow], wrong: Mapping[int, list[Problem]], now: datetime, *, is_bulk: bool
) -> UpsertResult:
    result, upsert, before = _applied(rows, wrong)
    owners = upsert.owners
    release_identities(one for one in before.items() if owners.get(one[0]) != one[1])
    if not claim_identities(one for one in owners.items() if before.get(one[0]) != one[1]):
        raise _Outrun
    _write(list(upsert.contacts.values()), now, is_bulk=is_bulk)
    follow_rows(rows, result.contact_ids, now)
    return result


def _applied(
    rows: Sequence[ContactRow], wrong: Mapping[int, list[Problem]]
) -> tuple[UpsertResult, Upsert, Mapping[IdentityKey, int]]:
    """What comes of the rows, in memory, with whom identities belonged to before."""
    fine = [row for index, row in enumerate(rows) if index not in wrong]
    upsert, before = _read(fine)
    result = UpsertResult(errors=dict(wrong))
    for index, row in enumerate(rows):
        _apply(upsert, row, index, result)
    return result, upsert, before


def _read(rows: Sequence[ContactRow]) -> tuple[Upsert, dict[tuple[str, str], int]]:
    """What is stored about the contacts of the rows, theirs until the commit."""
    wanted = set(wanted_identities(rows))
    owners = find_owners(wanted)
    contacts = hold_contacts([*owners.values(), *(row.id for row in rows if row.id is not None)])
    # Before they were held, they may have changed hands or been erased.
    if owners and (find_owners(wanted) != owners or not contacts.keys() >= set(owners.values())):
        raise _Outrun
    stored = {
        key: contact.id
        for contact in contacts.values()
        for key in wanted_identities([ContactRow(built_in=contact.built_in)])
    }
    before = stored | owners
    return Upsert(contacts, dict(before), new_ids(len(wanted - owners.keys()))), before


def _apply(upsert: Upsert, row: ContactRow, index: int, result: UpsertResult) -> None:
    if index in result.errors:
        result.contact_ids.append(None)
        return
    known = len(upsert.contacts)
    applied = upsert.apply(row)
    if isinstance(applied, list):
        result.errors[index] = applied
        result.contact_ids.append(None)
        return
    result.contact_ids.append(applied.id)
    if len(upsert.contacts) > known:
        result.created += 1
    else:
        result.updated += 1


def _write(contacts: Sequence[StoredContact], now: datetime, *, is_bulk: bool) -> None:
    new = [contact for contact in contacts if contact.is_new]
    changed = [contact for contact in contacts if contact.changed and not contact.is_new]
    insert_contacts(new, now=now)
    update_contacts(changed, now=now)
    add_many([(TallySubject.CONTACTS, 0, now, len(new))] if new else [])
    record_changes(
        [
            *(Change(contact.id, Kind.CREATED) for contact in new),
            *(
                Change(contact.id, Kind.FIELD, key)
                for contact in changed
                for key in sorted(contact.changed)
            ),
        ],
        is_bulk=is_bulk,
    )


def _types() -> tuple[dict[str, str], dict[str, Check]]:
    """The type of each field, and what else is asked of values where it is about to change."""
    fields = list(Field.objects.values_list("key", "type", "becoming"))
    arriving = {key: arriving_check(type_, new) for key, type_, new in fields if new}
    return {key: type_ for key, type_, _ in fields}, arriving


def _wrong_rows(
    rows: Sequence[ContactRow], types: Mapping[str, str], arriving: Mapping[str, Check]
) -> dict[int, list[Problem]]:
    return {
        index: problems
        for index, row in enumerate(rows)
        if (problems := _wrong_values(row, types, arriving))
    }


def _wrong_values(
    row: ContactRow, types: Mapping[str, str], arriving: Mapping[str, Check]
) -> list[Problem]:
    problems = []
    for key, value in row.built_in.items():
        if not is_short_text(value) and (wrong := wrong_built_in(key, value)):
            problems.append(Problem(key, "wrong_type", wrong))
    for key, value in row.attributes.items():
        if key not in types:
            said = f"There is no field {quoted(key)}. An admin has to define it first."
            problems.append(Problem(_path(key), "unknown_field", said))
        elif value is not None and (wrong := wrong_value(value, types[key])):
            problems.append(Problem(_path(key), "wrong_type", wrong))
        elif value is not None and key in arriving and (wrong := arriving[key](value)):
            problems.append(Problem(_path(key), "type_changing", wrong))
    return problems


def _path(key: str) -> str:
    return f"attributes.{quoted(key)[1:-1]}"
