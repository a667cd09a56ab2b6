"""Where each table belongs on a cluster, told by what the schema says and not by a list of names.

What belongs to one contact, and has the contact in all that makes its rows unique, is spread by the
contact: all rows of one contact lie on one machine. What foreign keys of these lead to would be copied to
every machine; there is none. All else stays where the coordinator is: queues, locks, identities, settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

CONTACTS: Final = "contacts_contact"
"""Spread by its id; the others follow it."""
BY: Final = "contact_id"
STAY: Final = {
    "campaigns_message": "a trigger counts its rows, and workers take them with SKIP LOCKED",
    "campaigns_click": "it is read together with campaigns_message",
}


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    column: str
    """By which it is spread; empty: copied to every machine."""


@dataclass(frozen=True, slots=True)
class Plan:
    copied: tuple[Table, ...]
    spread: tuple[Table, ...]
    """The contacts first."""
    staying: dict[str, str]
    """Of those about contacts: why."""


def plan() -> Plan:
    keys = unique_keys()
    about = sorted(table for table in keys if table != CONTACTS)
    staying = {
        table: STAY.get(table) or f"{name} is unique across contacts"
        for table in about
        if (name := _unique_elsewhere(keys[table])) or table in STAY
    }
    spread = [Table(CONTACTS, "id")]
    spread += [Table(table, BY) for table in about if table not in staying]
    copied = sorted(_referred_to({table.name for table in spread}))
    return Plan(tuple(Table(name, "") for name in copied), tuple(spread), staying)


def unique_keys() -> dict[str, dict[str, bool]]:
    """Of each table about contacts, what makes its rows unique, and whether the contact is in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.relname, i.relname, by.attnum = ANY(x.indkey)
            FROM pg_class t
            JOIN pg_attribute by ON by.attrelid = t.oid AND by.attname = %(by)s
                AND by.attnotnull AND NOT by.attisdropped
            LEFT JOIN pg_index x ON x.indrelid = t.oid AND x.indisunique
            LEFT JOIN pg_class i ON i.oid = x.indexrelid
            WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')
            """,
            {"by": BY},
        )
        found: dict[str, dict[str, bool]] = {}
        for table, index, has_contact in cursor.fetchall():
            of_table = found.setdefault(table, {})
            if index:
                of_table[index] = has_contact
        return found


def _unique_elsewhere(keys: dict[str, bool]) -> str:
    """A key that would have to be unique across machines; a table without any says nothing, and stays."""
    return next((name for name, has_contact in keys.items() if not has_contact), "") or (
        "" if keys else "no key"
    )


def _referred_to(spread: set[str]) -> set[str]:
    """By foreign keys of tables that are spread."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT r.relname FROM pg_constraint c
            JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
            WHERE c.contype = 'f' AND t.relname = ANY(%s)
            """,
            [sorted(spread)],
        )
        return {name for (name,) in cursor.fetchall()} - spread
