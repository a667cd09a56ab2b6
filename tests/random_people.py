"""Random contacts with the values that break evaluators, and their events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import Happening, Person
from tests.random_times import Times

FIELDS = {
    "Tier": "text",
    "Favourite": "text",
    "Score": "number",
    "Goal": "number",
    "Consent": "boolean",
    "Birthday": "date",
    "Due": "date",
    "Opened": "datetime",
    "Renewal": "datetime",
    "Tags": "list",
}
EVENT_TYPES = ("Purchase", "Visit", "Mail open")

TEXTS = (
    "Gold",
    "gold",
    "ŻÓŁTY",
    "żółty",
    "Łódź",
    "pro ",
    " ",
    "100%",
    "a_b",
    "a\\b",
    "O'Neil",
    '"q"',
    "7",
    "true",
    "%s",
    "{x}",
    "Straße",
)
LONG = (
    Decimal("0.30000000000000000000000000001"),
    Decimal("1.6666666666666666667"),
    Decimal("1.10"),
)
NUMBERS = (
    *(0, 1, 2, 3, 5, -1, 10, 12.5, 0.1, 0.2, 0.3, 99.99, 100, 2000.01, 12345678901234567890),
    *LONG,
)
NO_NUMBERS: tuple[Any, ...] = (
    *("n/a", "", "1e3", " 5", "5 ", "+-1", "٣", "１", "NaN", "Infinity", "5\n"),
    *(None, True, [], {}),
)
NUMBER_TEXTS = ("5", "+5.0", "05", "-1", "12.50", "0.1", "2.", ".5")
EXTREME_DAYS = ("0001-01-02", "9999-12-29", "1583-10-15")
EXTREME_MOMENTS = (
    *EXTREME_DAYS,
    *("0001-01-03T00:00:00+14:00", "0001-01-02 00:00", "9999-12-29T23:59:59.999999-12:00"),
    *("9999-12-29T23:59", "2026-06-30T23:59:59.9999999Z", "2026-03-29T02:30:00,5"),
)
NO_MOMENTS = ("2026-02-29", "soon", "", "2026-13-01", "26-01-01", 20260101, None, "2026-1-1")


@dataclass
class PeopleMaker:
    """Draws contacts whose times lie around one `now`."""

    rng: Random
    times: Times
    events_made: int = field(default=0)

    def person(self, number: int, *, events: int = 6) -> Person:
        return Person(
            id=number,
            created_at=self.times.instant(),
            built_in=self.built_in(number),
            attributes=self.attributes(),
            events=[self.event() for _ in range(self.rng.randint(0, events))],
        )

    def built_in(self, number: int) -> dict[str, str]:
        values = {"external_id": f"c{number:02d}"}
        for key in ("first_name", "country", "city"):
            if self.rng.random() < 0.5:
                values[key] = self.rng.choice((*TEXTS, ""))
        if self.rng.random() < 0.3:
            values["email"] = f"C{number:02d}@Example.com"
        return values

    def attributes(self) -> dict[str, Any]:
        return {key: self.field_value(key) for key in FIELDS if self.rng.random() < 0.7}

    def field_value(self, key: str) -> Any:
        """Of the field's type, as the API demands."""
        match FIELDS[key]:
            case "text":
                return self.rng.choice((*TEXTS, ""))
            case "number":
                return self.rng.choice(NUMBERS)
            case "boolean":
                return self.rng.random() < 0.5
            case "date":
                return self._birthday() if key == "Birthday" else self._day_text()
            case "datetime":
                return self._instant_text()
        return self.rng.sample(TEXTS, self.rng.randint(0, 3))

    def event(self) -> Happening:
        self.events_made += 1
        name = self.rng.choice(("m", "M", "é", "z"))
        return Happening(
            type=self.rng.choice(EVENT_TYPES),
            occurred_at=self.times.instant(ahead=0.1),
            message_id=f"{name}{self.events_made}",
            attributes=self.event_attributes(),
        )

    def event_attributes(self) -> dict[str, Any]:
        """Anything at all, often what conditions look for."""
        draws = {
            "amount": (*NUMBERS, *NUMBERS, *NUMBER_TEXTS, *NO_NUMBERS),
            "category": (*TEXTS, "", None, 7, 12.5, True, [], {"x": 1}),
            "flag": (True, False, "true", "FALSE", "yes", 1, None),
        }
        found = {key: self.rng.choice(v) for key, v in draws.items() if self.rng.random() < 0.7}
        if self.rng.random() < 0.6:
            found["when"] = self._moment_text()
        if self.rng.random() < 0.5:
            found["product"] = self._product()
        if self.rng.random() < 0.2:
            found["product.sku"] = self.rng.choice(("A1", "b2", None))
        return found

    def _product(self) -> Any:
        tags = self.rng.choice(
            ([], ["Gold", 7, True], ["żółty", "pro "], "Gold", None, ["A1"], [None], [{"x": 1}])
        )
        sku = self.rng.choice(("A1", "a1", "B2", None, 1))
        return self.rng.choice(({"sku": sku, "tags": tags}, {"tags": tags}, "A1", ["A1"], None))

    def _birthday(self) -> str:
        return self.rng.choice(("1996-02-29", "1990-02-28", "1990-12-31", "1971-01-01"))

    def _day_text(self) -> str:
        if self.rng.random() < 0.05:
            return self.rng.choice(EXTREME_DAYS)
        return self.times.day(ahead=0.4).isoformat()

    def _instant_text(self) -> str:
        instant = self.times.instant(ahead=0.4)
        offset = self.rng.choice((UTC, self.times.zone))
        return instant.astimezone(_whole_minutes(offset, instant)).isoformat()

    def _moment_text(self) -> Any:
        local = self.times.instant().astimezone(self.times.zone).replace(tzinfo=None)
        return self.rng.choice(
            (
                self._day_text(),
                self._instant_text(),
                self._instant_text().replace("+00:00", "Z"),
                local.isoformat(" "),
                local.isoformat(timespec="minutes"),
                self.rng.choice((*NO_MOMENTS, *EXTREME_MOMENTS)),
            )
        )


def _whole_minutes(zone: Any, instant: datetime) -> Any:
    """Long ago, local time was some seconds off; ISO 8601 cannot say that."""
    offset = instant.astimezone(zone).utcoffset()
    return zone if offset is not None and not offset % timedelta(minutes=1) else UTC


def with_ties(rng: Random, person: Person) -> Person:
    """Some events at the very same time, so that message ids decide."""
    for index, event in enumerate(person.events[1:], start=1):
        if rng.random() < 0.25:
            same = person.events[index - 1].occurred_at
            person.events[index] = Happening(event.type, same, event.message_id, event.attributes)
    return person


def random_people(rng: Random, *, zone: ZoneInfo, now: datetime, count: int) -> list[Person]:
    maker = PeopleMaker(rng, Times(rng, zone, now))
    return [with_ties(rng, maker.person(number)) for number in range(1, count + 1)]
