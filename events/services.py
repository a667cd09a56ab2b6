"""The one way events are stored: from the API, from files and from other programs' libraries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

import psycopg
from django.db import connection

from contacts.changes import Change, Kind, record_changes
from contacts.identities import IdentityKey, find_owners, identity_key
from contacts.locks import keep_rows_of
from contacts.problems import Problem, quoted
from contacts.retrying import in_transaction
from contacts.rows import ANONYMOUS_ID, ContactRow
from contacts.services import upsert_contacts
from events.attributes import number_at
from events.locks import share_types
from events.rows import ContactRef, EventRow
from events.sources import Source
from events.types import KnownType, find_types, note_attributes, register_types
from events.unknown import UNKNOWN_TYPE, are_refused, note_refused
from events.withdrawing import withdraw_consents
from segmentflow.api.bodies import encode_json
from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject
from segmentflow.months import kept_from
from segmentflow.tallies import Row, add_many

EventKey = tuple[int, str]
"""Contact id and message id."""


@dataclass(slots=True)
class RecordResult:
    accepted: int = 0
    duplicates: int = 0
    """Events whose message id their contact already had."""
    errors: dict[int, list[Problem]] = field(default_factory=dict)
    """By the place of the row."""

    def tallies(self, source: Source, now: datetime) -> list[Row]:
        """For those who look from outside, kept with the events themselves."""
        return [
            (TallySubject.ACCEPTED, int(source), now, self.accepted),
            (TallySubject.REPEATED, int(source), now, self.duplicates),
        ]


@in_transaction
def record_events(
    *, rows: Sequence[EventRow], now: datetime, source: Source = Source.OURS
) -> RecordResult:
    """Store events; unknown contacts and types are made, bad rows change nothing."""
    share_types()
    result = RecordResult()
    types = find_types(row.type for row in rows)
    unknown = Counter(row.type for row in rows if row.type not in types)
    if unknown and are_refused():
        _refuse_unknown_types(rows, types, result)
        note_refused(unknown, now=now)
    if any(known.kept_months for known in types.values()):
        _refuse_old_events(rows, types, result, now)
    contacts = _contacts(rows, result, now)
    fine = {index: row for index, row in enumerate(rows) if index not in result.errors}
    types = _registered(types, {row.type for row in fine.values()})
    events = _without_doubles(fine, contacts)
    attributes = {key: encode_json(row.attributes) for key, row in events.items()}
    stored = _insert(events, attributes, types, now)
    result.accepted = len(stored)
    result.duplicates = len(fine) - len(stored)
    _follow(events, stored, attributes, types, result.tallies(source, now))
    withdraw_consents(((key[0], row) for key, row in events.items() if key in stored), now=now)
    return result


def _refuse_unknown_types(
    rows: Sequence[EventRow], types: Mapping[str, KnownType], result: RecordResult
) -> None:
    for index, row in enumerate(rows):
        if row.type not in types:
            said = f"There is no event type {quoted(row.type)}. An admin has to register it first."
            result.errors[index] = [Problem("type", UNKNOWN_TYPE, said)]


def _refuse_old_events(
    rows: Sequence[EventRow], types: Mapping[str, KnownType], result: RecordResult, now: datetime
) -> None:
    """What would be erased at once is not taken, so that its sender knows."""
    zone = workspace_zone()
    for index, row in enumerate(rows):
        months = types[row.type].kept_months if row.type in types else None
        if months and row.occurred_at < kept_from(months, now=now, zone=zone):
            kept = f"{months} months" if months > 1 else "1 month"
            said = f"Events of the type {quoted(row.type)} are kept for {kept}; this one is older."
            result.errors[index] = [Problem("occurred_at", "too_old", said)]


def _registered(types: dict[str, KnownType], keys: set[str]) -> dict[str, KnownType]:
    unknown = keys - types.keys()
    if not unknown:
        return types
    register_types(unknown)
    return types | find_types(unknown)


def _contacts(
    rows: Sequence[EventRow], result: RecordResult, now: datetime
) -> dict[ContactRef, int]:
    """The contacts of the rows that have no errors, held so that none is erased meanwhile."""
    refs = {row.contact for index, row in enumerate(rows) if index not in result.errors}
    found = _held(refs)
    new = [ref for ref in refs if ref.by != "id" and ref not in found]
    if new:
        found |= _created(new, now)
    for index, row in enumerate(rows):
        if index not in result.errors and row.contact not in found:
            said = f"There is no contact with the id {row.contact.value}."
            result.errors[index] = [Problem("contact.id", "unknown_contact", said)]
    return found


def _held(refs: Iterable[ContactRef]) -> dict[ContactRef, int]:
    """Those that exist; nobody erases them until the commit, and nobody else has to wait."""
    names = {ref: _name(ref) for ref in refs}
    owners = find_owners(name for ref, name in names.items() if ref.by != "id")
    ids = {
        ref: int(ref.value) if ref.by == "id" else owners[name]
        for ref, name in names.items()
        if ref.by == "id" or name in owners
    }
    there = set(keep_rows_of(ids.values()))
    return {ref: contact_id for ref, contact_id in ids.items() if contact_id in there}


def _name(ref: ContactRef) -> IdentityKey:
    return identity_key(ref.by, str(ref.value))


def _created(refs: Sequence[ContactRef], now: datetime) -> dict[ContactRef, int]:
    rows = [_new_contact(ref.by, str(ref.value)) for ref in refs]
    made = upsert_contacts(rows=rows, now=now)
    return {
        ref: contact_id
        for ref, contact_id in zip(refs, made.contact_ids, strict=True)
        if contact_id is not None
    }


def _new_contact(by: str, value: str) -> ContactRow:
    if by == ANONYMOUS_ID:
        return ContactRow(anonymous_id=value)
    return ContactRow(built_in={by: value})


def _without_doubles(
    rows: Mapping[int, EventRow], contacts: Mapping[ContactRef, int]
) -> dict[EventKey, EventRow]:
    """By contact and message id, the first of each."""
    events: dict[EventKey, EventRow] = {}
    for row in rows.values():
        events.setdefault((contacts[row.contact], row.message_id), row)
    return events


def _insert(
    events: Mapping[EventKey, EventRow],
    attributes: Mapping[EventKey, str],
    types: Mapping[str, KnownType],
    now: datetime,
) -> set[EventKey]:
    """Those of the events that were not there; what is bound as binary costs half the time.

    In the order of their keys, so that two requests with the same events cannot wait for
    each other.
    """
    if not events:
        return set()
    keys = sorted(events)
    rows = [events[key] for key in keys]
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            """
            INSERT INTO events_event
                (contact_id, message_id, type_id, occurred_at, received_at, attributes, value)
            SELECT contact_id, message_id, type_id, occurred_at, %s, attributes::jsonb, value
            FROM unnest(
                %b::bigint[], %b::text[], %b::bigint[], %b::timestamptz[], %b::text[], %b::numeric[]
            ) AS sent (contact_id, message_id, type_id, occurred_at, attributes, value)
            ON CONFLICT DO NOTHING
            RETURNING contact_id, message_id
            """,
            [
                now,
                [contact_id for contact_id, _ in keys],
                [message_id for _, message_id in keys],
                [types[row.type].id for row in rows],
                [row.occurred_at for row in rows],
                [attributes[key] for key in keys],
                [_value(row, types[row.type]) for row in rows],
            ],
        )
        return set(cursor.fetchall())


def _value(row: EventRow, type_: KnownType) -> object:
    return number_at(row.attributes, type_.value_attribute) if type_.value_attribute else None


def _follow(
    events: Mapping[EventKey, EventRow],
    stored: set[EventKey],
    attributes: Mapping[EventKey, str],
    types: Mapping[str, KnownType],
    counted: Sequence[Row],
) -> None:
    """What the new ones change: segments have to look, and types may carry something new."""
    new = [(key, row) for key, row in events.items() if key in stored]
    record_changes(
        Change(key[0], Kind.EVENT, row.type, row.occurred_at, attributes[key]) for key, row in new
    )
    note_attributes(types, ((row.type, row.attributes) for _, row in new))
    told = ((TallySubject.EVENTS, types[row.type].id, row.occurred_at, 1) for _, row in new)
    add_many(chain(told, counted))
