"""How many contacts have a value for a field: exactly while they are few, about when they are many."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from contacts.models import FieldTypes
from segmentflow.api.bodies import encode_json

FEW: Final = 20_000
"""Up to so many contacts, all are looked at."""
SAMPLE: Final = 5_000


_SINGLE: Final = "(SELECT c.attributes -> %(key)s AS value) v"
_IN_LISTS: Final = """jsonb_array_elements(
    CASE jsonb_typeof(c.attributes -> %(key)s) WHEN 'array' THEN c.attributes -> %(key)s ELSE '[]' END
) AS value"""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of contacts, out of how many."""

    count: int
    total: int
    is_exact: bool

    @property
    def percent(self) -> int:
        """Never 0 for some, never 100 for less than all."""
        if not self.total or not self.count:
            return 0
        share = round(100 * self.count / self.total)
        return min(max(share, 1), 99 if self.count < self.total else 100)


@dataclass(frozen=True, slots=True)
class Held:
    """A value, and who has it."""

    value: Any
    amount: Amount
    is_choice: bool


def contact_total() -> int:
    """Exact while the table is small."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN reltuples < 2 * %s THEN (SELECT count(*) FROM contacts_contact)
                ELSE reltuples::bigint END
            FROM pg_class WHERE oid = 'contacts_contact'::regclass
            """,
            [FEW],
        )
        count: int = cursor.fetchone()[0]
        return count


def filled(keys: Sequence[str]) -> dict[str, Amount]:
    """For each field, how many contacts have a value; from one look at the same contacts."""
    total = contact_total()
    source = _source(total)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH seen AS MATERIALIZED (SELECT c.attributes FROM {source})
            SELECT (SELECT count(*) FROM seen), key, count(*)
            FROM seen, LATERAL jsonb_object_keys(attributes) key
            WHERE key = ANY(%s)
            GROUP BY key
            """,
            [list(keys)],
        )
        found = {key: _amount(count, seen, total) for seen, key, count in cursor.fetchall()}
    nobody = _amount(0, 1, total)
    return {key: found.get(key, nobody) for key in keys}


def holders(*, key: str, type_: str, choices: Iterable[Any], most: int = 200) -> list[Held]:
    """The choices of a field, then other values that contacts have, each with how many do."""
    total = contact_total()
    source = _source(total)
    values = _IN_LISTS if type_ == FieldTypes.LIST else _SINGLE
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH c AS MATERIALIZED (SELECT id, attributes FROM {source})
            SELECT (SELECT count(*) FROM c), value::text, count(DISTINCT c.id)
            FROM c, LATERAL {values}
            WHERE c.attributes ? %(key)s
            GROUP BY value ORDER BY 3 DESC, 2 LIMIT %(most)s
            """,
            {"key": key, "most": most},
        )
        rows = cursor.fetchall()
    counts = {_key(json.loads(text, parse_float=Decimal)): row for row in rows if (text := row[1])}
    wanted = list(choices)
    known = {_key(choice) for choice in wanted}
    others = [json.loads(text, parse_float=Decimal) for _, text, _ in rows]
    return [
        *(Held(one, _held(counts, one, total), is_choice=True) for one in wanted),
        *(
            Held(one, _held(counts, one, total), is_choice=False)
            for one in others
            if _key(one) not in known
        ),
    ]


def _held(counts: Mapping[str, Any], value: Any, total: int) -> Amount:
    row = counts.get(_key(value))
    return _amount(row[2], row[0], total) if row else _amount(0, 1, total)


def _key(value: Any) -> str:
    """The same for the same value: 1 and 1.0, but not true."""
    if isinstance(value, bool | str):
        return encode_json(value)
    return f"{Decimal(str(value)).normalize():f}"


def _source(total: int) -> str:
    """The contacts that are looked at: whole pages by chance, but the same ones each time."""
    if total <= FEW:
        return "contacts_contact c"
    percent = min(100.0, 100 * SAMPLE / total)
    return f"contacts_contact c TABLESAMPLE SYSTEM ({percent:.6f}) REPEATABLE (1)"


def _amount(count: int, seen: int, total: int) -> Amount:
    if total <= FEW:
        return Amount(count, total, is_exact=True)
    return Amount(round(count * total / max(seen, 1)), total, is_exact=False)
