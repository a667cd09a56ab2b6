"""What the benchmark runs on: contacts, two years of events, and live segments.

By SQL, past the ingestion, for twenty million events over HTTP would take longer than the benchmark.
Skewed as in trade: a fifth of the contacts has three fifths of the events, and the busiest of
them a hundred times as many as all have on average.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

from bench.fill import COLUMNS, IDENTITIES, NAMES, TALLIES

Json = dict[str, Any]

TYPES: dict[str, tuple[str, str]] = {
    # Value attribute; and three attributes, as SQL over n, amount and a word.
    "Page_visit": ("", "'url', '/p/' || n % 500, 'category', word, 'destination', place"),
    "MailOpen": ("", "'topic', topic, 'category', word, 'destination', place"),
    "Cart_add": ("", "'product', jsonb_build_object('sku', sku, 'price', amount, 'tags', tags)"),
    "Purchase": ("amount", "'amount', amount, 'category', word, 'returned', n % 11 = 0"),
    "MailClick": ("", "'topic', topic, 'url', '/p/' || n % 500, 'category', word"),
    "Account_login": ("", "'device', word, 'version', n % 40, 'remembered', n % 3 = 0"),
    "Transaction": ("amount", "'amount', amount, 'category', word, 'destination', place"),
    "Booking": ("amount", "'amount', amount, 'destination', place, 'returned', n % 11 = 0"),
    "Survey_answer": ("score", "'score', n % 11, 'topic', topic, 'category', word"),
    "SmsClick": ("", "'topic', topic, 'url', '/p/' || n % 500, 'category', word"),
    "Appointment": ("", "'category', word, 'destination', place, 'amount', amount"),
    "Unsubscribe": ("", "'topic', topic, 'channel', 'email', 'category', word"),
}
SYSTEM = ("MailOpen", "MailClick", "SmsClick", "Unsubscribe")
WORDS = ["shoes", "hats", "travel", "Gold", "wine", "pro", "garden", "books", "credit card"]
PLACES = ["Spain", "Italy", "Portugal", "France", "Greece", "Poland", "Ireland", "Norway"]
BITE = 500_000
FACTORS = (2, 0.5, 3, 5)
"""By which lengths of time in templates are multiplied, one variant after the other."""

CONTACTS = f"""
INSERT INTO contacts_contact
    (external_id, email, phone, first_name, last_name, city, country, language, timezone,
     attributes, created_at)
SELECT
{COLUMNS.replace("%%", "%")}
    jsonb_strip_nulls(jsonb_build_object(
        'Status_VIP', (ARRAY['Gold', 'gold', 'Platinum', 'Silver', 'pro', '100%', NULL, NULL, NULL,
            NULL])[1 + floor(10 * random())::int],
        'Plan', (ARRAY['free', 'pro', 'old_plan', 'Gold', 'shoes', NULL])
            [1 + floor(6 * power(random(), 2))::int],
        'Purchase_value_12m', CASE WHEN random() < 0.6
            THEN round((3000 * power(random(), 3))::numeric, 2) END,
        'Purchase_count', CASE WHEN random() < 0.6 THEN floor(60 * power(random(), 3)) END,
        'Loyalty_program', CASE WHEN random() < 0.7 THEN random() < 0.4 END,
        'SMS_consent', CASE WHEN random() < 0.8 THEN random() < 0.4 END,
        'Marketing_consent', CASE WHEN random() < 0.8 THEN random() < 0.6 END,
        'Last_visit_date', CASE WHEN random() < 0.8
            THEN (now() - 900 * power(random(), 2) * interval '1 day')::date END,
        'Account_opening_date', CASE WHEN random() < 0.7
            THEN (now() - 4000 * random() * interval '1 day')::date END,
        'Account_opened', CASE WHEN random() < 0.7
            THEN now() - 4000 * random() * interval '1 day' END,
        'Birthday', CASE WHEN random() < 0.5 THEN date '1945-01-01' + (22000 * random())::int END,
        'Favourite_country', (ARRAY['spain', 'Italy', 'PL', 'Gold', 'old', NULL, NULL])
            [1 + floor(7 * random())::int],
        'Product_type', CASE WHEN random() < 0.5 THEN CASE WHEN random() < 0.3
            THEN '["personal account", "credit card"]'::jsonb ELSE '["personal account"]' END END,
        'Interests', CASE WHEN random() < 0.6 THEN CASE n % 4
            WHEN 0 THEN '["shoes", "travel"]'::jsonb WHEN 1 THEN '["hats"]'
            WHEN 2 THEN '["wine", "TRAVEL", "Hats"]' ELSE '["shoes"]' END END
    )),
    now() - random() * interval '2 years'
FROM generate_series(1, $1::bigint) AS n
{NAMES.replace("%%", "%")}
"""

# In the order of time within a bite, as events come.
EVENTS = """
INSERT INTO events_event
    (contact_id, message_id, type_id, occurred_at, received_at, attributes, value)
SELECT contact_id, md5(n::text)::uuid::text, t.id, at, at,
    CASE type_number {attributes} END,
    CASE t.value_attribute WHEN 'amount' THEN amount WHEN 'score' THEN n % 11 END
FROM (
    SELECT n,
        first.id + floor($1::bigint * (0.01 * chance + 0.99 * power(chance, 3)))::bigint AS contact_id,
        1 + floor({types} * power(random(), 2))::int AS type_number,
        now() - ($2::bigint - n + random() * 1000) / $2::bigint * interval '2 years' AS at,
        round((200 * power(random(), 2))::numeric, 2) AS amount,
        words[1 + floor(9 * power(random(), 2))::int] AS word,
        places[1 + floor(8 * power(random(), 2))::int] AS place,
        words[1 + n % 9] || '-' || n % 500 AS sku,
        jsonb_build_array(words[1 + n % 7], words[1 + n % 9]) AS tags,
        CASE WHEN n % 5 = 0 THEN 'banking offers' ELSE 'travel' END AS topic
    FROM (SELECT n, random() AS chance FROM generate_series($3::bigint, $4::bigint) AS n) each
    CROSS JOIN (SELECT min(id) AS id FROM contacts_contact) first
    CROSS JOIN (SELECT {words} AS words, {places} AS places) lists
) drawn
JOIN (SELECT id, value_attribute, array_position({keys}, key::text) AS type_number
      FROM events_eventtype) t USING (type_number)
"""


def drawn(contacts: int, chance: float) -> int:
    """Whose event it is, from 1 on, for a random number from 0 to 1: as the stored ones were drawn."""
    return 1 + int(contacts * (0.01 * chance + 0.99 * chance**3))


def fill(*, contacts: int, events: int) -> None:
    """Contacts and events into an empty database."""
    from django.db import connection

    from contacts.fields import create_field
    from events.models import EventType
    from segmentflow.clock import current_time
    from tests.cases import WORLDS

    begun = time.monotonic()
    fields = {key: type_ for world in WORLDS for key, type_ in world.fields.items()}
    for key, type_ in fields.items():
        create_field(raw={"key": key, "type": type_}, now=current_time())
    EventType.objects.bulk_create(
        [
            EventType(
                key=key, value_attribute=value, origin="system" if key in SYSTEM else "customer"
            )
            for key, (value, _) in TYPES.items()
        ],
        ignore_conflicts=True,
    )
    for key, (value, _) in TYPES.items():
        EventType.objects.filter(key=key).update(value_attribute=value)
    connection.ensure_connection()
    server = connection.connection
    server.execute("SELECT setseed(0.5)")
    _run(server, CONTACTS, [contacts])
    server.execute(IDENTITIES)
    print(f"{contacts:,} contacts after {time.monotonic() - begun:.0f} s", flush=True)
    statement = _events_statement()
    for first in range(1, events + 1, BITE):
        last = min(first + BITE - 1, events)
        _run(server, statement, [contacts, events, first, last])
        print(f"{last:,} events after {time.monotonic() - begun:.0f} s", flush=True)
    with connection.cursor() as cursor:
        for name in TALLIES:
            cursor.execute(import_module(name).COUNT)
        cursor.execute("VACUUM (ANALYZE) contacts_contact, contacts_identity, events_event")


def _run(server: Any, statement: str, params: Sequence[int]) -> None:
    import psycopg

    with psycopg.RawCursor(server) as cursor:
        cursor.execute(statement.encode(), params)


def _events_statement() -> str:
    branches = " ".join(
        f"WHEN {number} THEN jsonb_build_object({attributes})"
        for number, (_, attributes) in enumerate(TYPES.values(), 1)
    )
    return EVENTS.format(
        attributes=branches,
        types=len(TYPES),
        words=_array(WORDS),
        places=_array(PLACES),
        keys=_array(list(TYPES)),
    )


def _array(texts: list[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{text}'" for text in texts) + "]"


def definitions(number: int) -> Iterator[tuple[str, Json]]:
    """Key and definition: half of them templates, also over other lengths of time, and half
    shared cases, in an order drawn once for ever.

    Of the cases those about events that match no more than a quarter of their world: nobody keeps
    a hundred segments of nearly everybody.
    """
    from segments.starting.gallery import TEMPLATES
    from tests.cases import CASES

    now = datetime.now(UTC)
    found = [(template.key, template.definition) for template in TEMPLATES]
    for factor in FACTORS:
        for template in TEMPLATES:
            definition = lengthened(template.definition, factor)
            if definition != template.definition:
                found.append((f"{template.key}-{int(100 * factor)}", definition))
    cases = [
        case
        for case in CASES
        if "event" in json.dumps(case.definition)
        and 4 * len(case.expect) <= len(case.world.people)
        and not case.world.segments
    ]
    random.Random(7).shuffle(cases)
    drawn_cases = [
        (f"case-{case.name}", moved(case.definition, now - case.world.now)) for case in cases
    ]
    templates = found[: (number + 1) // 2]
    yield from templates
    yield from drawn_cases[: number - len(templates)]


def lengthened(node: Any, factor: float) -> Any:
    """The definition with all lengths of time multiplied."""
    if isinstance(node, list):
        return [lengthened(item, factor) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: lengthened(value, factor) for key, value in node.items()}
    if isinstance(node.get("amount"), int) and "unit" in node:
        changed["amount"] = max(1, round(node["amount"] * factor))
    return changed


def moved(node: Any, distance: timedelta) -> Any:
    """The definition with its dates and times so much later."""
    if isinstance(node, dict):
        return {key: moved(value, distance) for key, value in node.items()}
    if isinstance(node, list):
        return [moved(item, distance) for item in node]
    if not isinstance(node, str) or not (node[:4].isdigit() and node[4:5] == "-"):
        return node
    if len(node) == len("2026-11-20"):
        return (date.fromisoformat(node) + timedelta(days=distance.days)).isoformat()
    at = datetime.fromisoformat(node)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) + distance).isoformat()
