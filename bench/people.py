"""Files of contacts as shops have them, made quickly and the same each time: few cities have most people."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

COLUMNS = (
    "external_id,email,first_name,last_name,city,country,Points,Customer_since,SMS_consent,Tier"
)
FIELDS = {"Points": "number", "Customer_since": "date", "SMS_consent": "boolean", "Tier": "text"}

FIRST = [
    "Anna",
    "Jonas",
    "Lucía",
    "Marie",
    "Paolo",
    "Emma",
    "João",
    "Zofia",
    "Piotr",
    "Greta",
    "Hugo",
    "Nora",
    "Oskar",
    "Łukasz",
    "Sofie",
    "Mateo",
    "Chloé",
    "Luca",
    "Ines",
    "Karol",
    "Freya",
    "Björn",
    "Elif",
    "Tomáš",
]
LAST = [
    "Kowalska",
    "Meyer",
    "Rey",
    "Dubois",
    "Rossi",
    "Smith",
    "Silva",
    "Nowak",
    "Weber",
    "García",
    "Moreau",
    "Müller",
    "Jansen",
    "Novák",
    "Andersson",
    "O'Brien",
    "Hansen",
    "Fischer",
    "Conti",
    "Popescu",
    "Horváth",
    "Kaya",
    "Lindqvist",
    "Ferreira",
]
PLACES = [
    ("Warsaw", "PL"), ("Berlin", "DE"), ("Madrid", "ES"), ("Paris", "FR"), ("Rome", "IT"),
    ("London", "GB"), ("Porto", "PT"), ("Kraków", "PL"), ("Köln", "DE"), ("Málaga", "ES"),
    ("Lyon", "FR"), ("Wien", "AT"), ("Oslo", "NO"), ("Praha", "CZ"), ("Gent", "BE"),
]  # fmt: skip
TIERS = ["", "None", "None", "None", "Silver", "Silver", "Gold", "Platinum"]
SOME_DAY = date(2015, 1, 1)


def write_people(path: Path, *, rows: int, changed: int = 0) -> None:
    """`changed`: each row of so many has other points than in the file without it."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(COLUMNS + "\n")
        out.writelines(_lines(rows, changed))


def _lines(rows: int, changed: int) -> Iterator[str]:
    draw = random.Random(5).random
    for number in range(1, rows + 1):
        first = FIRST[int(len(FIRST) * draw() ** 2)]
        last = LAST[int(len(LAST) * draw() ** 2)]
        city, country = PLACES[int(len(PLACES) * draw() ** 3)]
        points = int(5000 * draw() ** 3)
        since = SOME_DAY + timedelta(days=int(4000 * (1 - draw() ** 2)))
        consent = "yes" if draw() < 0.4 else "no"
        tier = TIERS[int(len(TIERS) * draw())]
        if changed and number % changed == 0:
            points += 7
        yield (
            f"c-{number},{first}.{last}{number}@Example.com,{first},{last},{city},{country},"
            f"{points},{since},{consent},{tier}\n"
        )
