"""Ten segments over a year of a grocery chain, against the same questions asked of DuckDB.

The data is a seeded sample of the shape of "The Complete Journey" (dunnhumby). With
COMPLETE_JOURNEY_DIR set to a folder that holds contacts.jsonl.gz and events.jsonl.gz, the
real thing is loaded instead.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import call_command

from contacts.models import Contact, Field
from segments.engine.settle import settle
from segments.models import Membership
from segments.services import create_segment

NOW = datetime(2018, 1, 1, 5, tzinfo=UTC)
START = datetime(2016, 12, 20, tzinfo=UTC)
FIELDS = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)
DEPARTMENTS = ("GROCERY", "PRODUCE", "MEAT", "PASTRY", "DELI", "DRUG GM", "SEAFOOD")


def month(amount: int) -> dict[str, Any]:
    return {"kind": "last", "amount": amount, "unit": "month"}


def day(amount: int) -> dict[str, Any]:
    return {"kind": "last", "amount": amount, "unit": "day"}


def event(name: str, **parts: Any) -> dict[str, Any]:
    return {"kind": "event", "event": name, **parts}


def attribute(name: str, type_: str, operator: str, **value: Any) -> dict[str, Any]:
    leaf = {"kind": "attribute", "attribute": name, "type": type_, "operator": operator, **value}
    return {"kind": "group", "match": "all", "children": [leaf]}


def field(name: str, operator: str, **value: Any) -> dict[str, Any]:
    return {"kind": "field", "field": name, "operator": operator, **value}


# Name: (children of the root, all of which must hold; the same question in SQL).
# e: events of the kind in question, p: purchases, up to now.
QUESTIONS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "big-spenders": (
        [
            event(
                "Purchase",
                window=month(12),
                measure={"of": "sum", "attribute": "amount"},
                operator="greater_than",
                value=2000,
            )
        ],
        """SELECT contact FROM p WHERE moment >= (TIMESTAMP '2017-01-01 05:00:00')
           GROUP BY contact HAVING sum(amount) > 2000""",
    ),
    "frequent": (
        [event("Purchase", window=day(90), operator="at_least", value=12)],
        """SELECT contact FROM p WHERE moment >= TIMESTAMP '2018-01-01 05:00:00' - INTERVAL 90 DAY
           GROUP BY contact HAVING count(*) >= 12""",
    ),
    "lapsed": (
        [
            {
                "kind": "occurrence",
                "event": "Purchase",
                "which": "last",
                "window": {"kind": "before_ago", "amount": 60, "unit": "day"},
            }
        ],
        """SELECT contact FROM p GROUP BY contact
           HAVING max(moment) < TIMESTAMP '2018-01-01 05:00:00' - INTERVAL 60 DAY""",
    ),
    "quiet-month": (
        [event("Purchase", window=day(30), operator="equals", value=0)],
        """SELECT external_id FROM c EXCEPT SELECT contact FROM p
           WHERE moment >= TIMESTAMP '2018-01-01 05:00:00' - INTERVAL 30 DAY""",
    ),
    "bakery-lovers": (
        [
            event(
                "Purchase",
                where=attribute("departments", "list", "contains_any", value=["pastry"]),
                window=month(6),
                operator="at_least",
                value=3,
            )
        ],
        """SELECT contact FROM p WHERE list_contains(departments, 'PASTRY')
           AND moment >= TIMESTAMP '2017-07-01 05:00:00'
           GROUP BY contact HAVING count(*) >= 3""",
    ),
    "coupon-users": (
        [
            event(
                "Purchase", where=attribute("coupon_used", "boolean", "is_true"), window=month(12)
            ),
            event("Coupon_redeemed", operator="at_least", value=2),
        ],
        """SELECT contact FROM p WHERE coupon_used AND moment >= TIMESTAMP '2017-01-01 05:00:00'
           INTERSECT
           SELECT contact FROM e WHERE type = 'Coupon_redeemed'
           GROUP BY contact HAVING count(*) >= 2""",
    ),
    "families": (
        [
            field("household_size", "in", value=["4", "5+"]),
            field("kids_count", "not_equals", value="0"),
            field("income", "is_set"),
        ],
        """SELECT external_id FROM c WHERE attributes->>'household_size' IN ('4', '5+')
           AND attributes->>'kids_count' IS DISTINCT FROM '0'
           AND attributes->>'income' IS NOT NULL""",
    ),
    "large-baskets": (
        [
            event(
                "Purchase",
                window=month(6),
                measure={"of": "average", "attribute": "amount"},
                operator="greater_than",
                value=30,
            ),
            event("Purchase", window=month(6), operator="at_least", value=5),
        ],
        """SELECT contact FROM p WHERE moment >= TIMESTAMP '2017-07-01 05:00:00'
           GROUP BY contact HAVING sum(amount) > 30 * count(*) AND count(*) >= 5""",
    ),
    "december-regulars": (
        [
            event(
                "Purchase",
                window={"kind": "period", "period": "last_month"},
                measure={"of": "days"},
                operator="at_least",
                value=4,
            )
        ],
        """SELECT contact FROM p WHERE moment >= TIMESTAMP '2017-12-01' AND moment < TIMESTAMP '2018-01-01'
           GROUP BY contact HAVING count(DISTINCT moment::date) >= 4""",
    ),
    "campaign-responders": (
        [
            {
                "kind": "sequence",
                "steps": [
                    {"event": "Campaign_received"},
                    {"event": "Coupon_redeemed", "within": {"amount": 30, "unit": "day"}},
                ],
            },
            event(
                "Purchase",
                measure={"of": "distinct", "attribute": "store"},
                operator="at_least",
                value=2,
            ),
        ],
        """SELECT r.contact FROM e s JOIN e r ON r.contact = s.contact
           AND r.moment > s.moment AND r.moment <= s.moment + INTERVAL 30 DAY
           WHERE s.type = 'Campaign_received' AND r.type = 'Coupon_redeemed'
           INTERSECT
           SELECT contact FROM p GROUP BY contact HAVING count(DISTINCT store) >= 2""",
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The folder with the data."""
    if real := os.environ.get("COMPLETE_JOURNEY_DIR"):
        return Path(real)
    folder = tmp_path_factory.mktemp("grocery")
    dice = random.Random(2017)
    households = [f"hh-{number}" for number in range(1, 151)]
    write(folder / "contacts.jsonl.gz", [a_contact(dice, key) for key in households])
    write(folder / "events.jsonl.gz", [e for key in households for e in a_year(dice, key)])
    return folder


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def a_contact(dice: random.Random, key: str) -> dict[str, Any]:
    if dice.random() < 0.3:
        return {"external_id": key, "attributes": {}}
    known = {
        "age": dice.choice(["25-34", "35-44", "65+"]),
        "household_size": dice.choice(["1", "2", "4", "5+"]),
        "kids_count": dice.choice(["0", "1", "3+"]),
    }
    if dice.random() < 0.8:
        known["income"] = dice.choice(["35-49K", "150-174K"])
    return {"external_id": key, "attributes": known}


def a_year(dice: random.Random, key: str) -> list[dict[str, Any]]:
    """Households that differ: some shop daily, some stop, some only answer campaigns."""
    purchases = dice.choice([0, 3, 15, 40, 120])
    stops = dice.choice([200, 330, 377])
    rows = [
        happened(key, "Purchase", dice.random() * stops, f"b{n}", a_basket(dice))
        for n in range(purchases)
    ]
    for n in range(dice.choice([0, 1, 3])):
        received = dice.random() * 300
        rows.append(happened(key, "Campaign_received", received, f"c{n}", {"campaign": n}))
        for m in range(dice.choice([0, 1, 2])):
            redeemed = received + dice.random() * 60
            rows.append(happened(key, "Coupon_redeemed", redeemed, f"r{n}{m}", {"coupon": str(m)}))
    return rows


def a_basket(dice: random.Random) -> dict[str, Any]:
    return {
        "amount": round(dice.lognormvariate(3.2, 0.8), 2),
        "items": dice.randint(1, 40),
        "store": str(dice.choice([311, 311, 406])),
        "departments": sorted(dice.sample(DEPARTMENTS, dice.randint(1, 4))),
        "discount": round(dice.random() * 5, 2),
        "coupon_used": dice.random() < 0.1,
    }


def happened(
    key: str, name: str, days: float, message_id: str, attributes: dict[str, Any]
) -> dict[str, Any]:
    at = (START + timedelta(days=days)).replace(microsecond=0)
    return {
        "contact": key,
        "type": name,
        "occurred_at": at.isoformat().replace("+00:00", "Z"),
        "message_id": f"{key}-{message_id}",
        "attributes": attributes,
    }


def answers(files: Path) -> dict[str, set[str]]:
    """What DuckDB says."""
    database = duckdb.connect()
    database.execute(
        """
        CREATE TABLE c AS SELECT * FROM read_json($contacts,
            columns = {external_id: 'VARCHAR', attributes: 'JSON'}, format = 'newline_delimited')
        """,
        {"contacts": str(files / "contacts.jsonl.gz")},
    )
    database.execute(
        """
        CREATE TABLE e AS SELECT contact, type, occurred_at AS moment, attributes
        FROM read_json($events, format = 'newline_delimited', columns = {contact: 'VARCHAR',
            type: 'VARCHAR', occurred_at: 'TIMESTAMP', attributes: 'JSON'})
        WHERE occurred_at <= TIMESTAMP '2018-01-01 05:00:00'
        """,
        {"events": str(files / "events.jsonl.gz")},
    )
    database.execute(
        """
        CREATE VIEW p AS SELECT contact, moment,
            (attributes->>'amount')::DECIMAL(18, 4) AS amount,
            (attributes->>'coupon_used')::BOOLEAN AS coupon_used,
            attributes->>'store' AS store,
            (attributes->'departments')::VARCHAR[] AS departments
        FROM e WHERE type = 'Purchase'
        """
    )
    return {
        name: {contact for (contact,) in database.execute(sql).fetchall()}
        for name, (_, sql) in QUESTIONS.items()
    }


@pytest.mark.django_db
def test_ten_segments_agree_with_duckdb(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where a report of bad lines would go
    for key in FIELDS:
        Field.objects.create(key=key, label=key, type="text")
    call_command("load", "contacts", str(files / "contacts.jsonl.gz"))
    call_command("load", "events", str(files / "events.jsonl.gz"))

    for name, (children, _) in QUESTIONS.items():
        definition = {"kind": "group", "match": "all", "children": children}
        create_segment(key=name, name=name, definition=definition, author=None, now=NOW)
    settle(now=NOW)

    stored: dict[str, set[str]] = {name: set() for name in QUESTIONS}
    rows = Membership.objects.values_list("segment__key", "contact__external_id")
    for name, external_id in rows:
        stored[name].add(external_id)
    expected = answers(files)
    for name in QUESTIONS:
        assert stored[name] == expected[name], name
    # A question that everybody or nobody answers shows nothing.
    total = Contact.objects.count()
    assert all(0 < len(found) < total for found in expected.values())
