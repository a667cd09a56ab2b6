"""Fills an empty database with contacts and events, skewed as in trade: few are very active.

    python -m bench.fill --contacts 100000 --events 6000000

By SQL, past the ingestion: this is for measuring pages and queries, not for measuring how
events come in. Deterministic but for the times, which end now.
"""

from __future__ import annotations

import argparse
import time
from importlib import import_module

import django

TYPES = [
    ("Purchase", "customer", "amount"),
    ("Page_visit", "customer", ""),
    ("Cart_add", "customer", "price"),
    ("Booking", "customer", "price"),
    ("Card_payment", "customer", "amount"),
    ("Account_login", "customer", ""),
    ("Appointment", "customer", ""),
    ("Survey_answer", "customer", "score"),
    ("Transaction", "customer", "amount"),
    ("MailOpen", "system", ""),
    ("MailClick", "system", ""),
    ("SmsClick", "system", ""),
    ("Unsubscribe", "system", ""),
]
BITE = 500_000
TALLIES = ["contacts.migrations.0005_tally_contacts", "events.migrations.0003_tally_events"]
"""Where the SQL stands that counts what is there."""

COLUMNS = """\
    'c-' || n,
    lower(f.name || '.' || l.name || n || '@example.com'),
    '+1555' || lpad(n::text, 7, '0'),
    f.name,
    l.name,
    (ARRAY['Warsaw', 'Berlin', 'Madrid', 'Paris', 'Rome', 'London', 'Porto'])[1 + n %% 7],
    (ARRAY['PL', 'DE', 'ES', 'FR', 'IT', 'GB', 'PT'])[1 + n %% 7],
    (ARRAY['pl', 'de', 'es', 'fr', 'it', 'en', 'pt'])[1 + n %% 7],
    'Europe/Warsaw',"""
"""Of a contact n, up to its attributes."""

NAMES = """\
JOIN LATERAL (SELECT (ARRAY['Anna', 'Jonas', 'Lucía', 'Marie', 'Paolo', 'Emma', 'João', 'Zofia',
    'Piotr', 'Greta', 'Hugo', 'Nora', 'Oskar'])[1 + n %% 13] AS name) f ON true
JOIN LATERAL (SELECT (ARRAY['Kowalska', 'Meyer', 'Rey', 'Dubois', 'Rossi', 'Smith', 'Silva',
    'Nowak', 'Weber', 'García', 'Moreau'])[1 + n %% 11] AS name) l ON true"""

CONTACTS = f"""
INSERT INTO contacts_contact
    (external_id, email, phone, first_name, last_name, city, country, language, timezone,
     attributes, created_at)
SELECT
{COLUMNS}
    jsonb_build_object(
        'Status_VIP', (ARRAY['Gold', 'Silver', 'Platinum', 'None'])[1 + n %% 4],
        'SMS_consent', n %% 3 = 0,
        'Points', n %% 5000
    ),
    now() - random() * interval '2 years'
FROM generate_series(1, %(contacts)s) AS n
{NAMES}
"""

IDENTITIES = """
INSERT INTO contacts_identity (kind, value, contact_id)
SELECT kind, value, id
FROM contacts_contact c
CROSS JOIN LATERAL (
    VALUES ('external_id', c.external_id), ('email', c.email), ('phone', c.phone)
) AS identity (kind, value)
"""

EVENTS = """
INSERT INTO events_event
    (contact_id, message_id, type_id, occurred_at, received_at, attributes, value)
SELECT contact_id, 'b' || n, t.id, at, at,
    jsonb_build_object(
        'amount', amount,
        'category', words.list[1 + floor(12 * power(random(), 2))::int],
        'destination', places.list[1 + floor(9 * power(random(), 2))::int],
        'product', jsonb_build_object(
            'sku', words.list[1 + n %% 12] || '-' || n %% 500,
            'price', amount,
            'tags', jsonb_build_array(words.list[1 + n %% 7], words.list[1 + n %% 11])
        ),
        'returned', n %% 11 = 0,
        'topic', CASE WHEN n %% 5 = 0 THEN 'banking offers' ELSE 'travel' END,
        'url', '/p/' || n %% 500
    ),
    CASE WHEN t.value_attribute <> '' THEN amount END
FROM (
    SELECT n,
        first.id + floor(%(contacts)s * power(random(), 3))::bigint AS contact_id,
        1 + floor(%(types)s * power(random(), 2))::int AS type_number,
        now() - random() * interval '2 years' AS at,
        round((200 * power(random(), 2))::numeric, 2) AS amount
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
    CROSS JOIN (SELECT min(id) AS id FROM contacts_contact) first
    ORDER BY contact_id
) drawn
JOIN (SELECT id, value_attribute, row_number() OVER (ORDER BY id) AS type_number
      FROM events_eventtype) t USING (type_number)
CROSS JOIN (SELECT ARRAY['shoes', 'hats', 'travel', 'Gold', 'wine', 'pro', 'platinum', 'garden',
    'books', 'credit card', 'example', '7'] AS list) words
CROSS JOIN (SELECT ARRAY['Spain', 'Italy', 'Portugal', 'France', 'Greece', 'Poland', 'Ireland',
    'Norway', 'Iceland'] AS list) places
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    options = parser.parse_args()
    django.setup()
    fill(contacts=options.contacts, events=options.events)


def fill(*, contacts: int, events: int) -> None:
    from django.db import connection

    from contacts.fields import create_field
    from contacts.models import Contact
    from events.models import EventType
    from segmentflow.clock import current_time

    if Contact.objects.exists():
        raise SystemExit("This database has contacts already; it takes an empty one.")
    begun = time.monotonic()
    for key, type_ in (("Status_VIP", "text"), ("SMS_consent", "boolean"), ("Points", "number")):
        create_field(raw={"key": key, "type": type_}, now=current_time())
    EventType.objects.bulk_create(
        EventType(key=key, origin=origin, value_attribute=value) for key, origin, value in TYPES
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(CONTACTS, {"contacts": contacts})
        cursor.execute(IDENTITIES)
        print(f"{contacts:,} contacts after {time.monotonic() - begun:.0f} s")
        for first in range(1, events + 1, BITE):
            last = min(first + BITE - 1, events)
            numbers = {"contacts": contacts, "types": len(TYPES), "first": first, "last": last}
            cursor.execute(EVENTS, numbers)
            print(f"{last:,} events after {time.monotonic() - begun:.0f} s")
        for name in TALLIES:
            cursor.execute(import_module(name).COUNT)
        cursor.execute("VACUUM (ANALYZE) contacts_contact, contacts_identity, events_event")


if __name__ == "__main__":
    main()
