"""What a contact has, as traits that others may have too. Plain data, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from events.attributes import leaves
from segments.conditions.nodes import FieldType

LONGEST: Final = 200
"""Longer texts are not something that contacts share."""
DAYS: Final = 90
"""How far back events are looked at."""
RECENT: Final = (30, 90, 365)
"""Days, for dates that lie not long ago."""
TIMES: Final = (1, 2, 3, 5, 10)
PARTS: Final = 10
"""Numbers are cut where each so many-th of the contacts begins."""


class Trait(NamedTuple):
    """Something that a condition can ask for."""

    kind: str
    """`field`, `event` or `attribute`."""
    ref: str
    """Key of the field or the event type."""
    path: str
    """Of the attribute; else empty."""
    type: str
    operator: str
    value: str | Decimal | int | None = None

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is about: of the same, only the most telling ones are of interest."""
        return (self.kind, self.ref, self.path)


@dataclass(slots=True)
class Person:
    """A contact of the sample."""

    values: Mapping[str, Any]
    """By field; what is missing may be empty."""
    events: Mapping[str, int] = field(default_factory=dict)
    """By type, how many there were in the last days."""
    carried: Sequence[tuple[str, Mapping[str, Any]]] | None = None
    """Type and attributes of the newest ones; None: was not looked at."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked about every person."""

    fields: Mapping[str, FieldType]
    """By key."""
    unique: Collection[str]
    """Fields of which only is asked whether they are set."""
    event_types: Collection[str]
    cuts: Mapping[str, Sequence[Decimal]]
    """Of number fields, where parts begin."""
    since: Mapping[int, tuple[date, datetime]]
    """For numbers of days, the day and the instant so long ago."""
    now: tuple[date, datetime]


def cuts_of(people: Iterable[Person], keys: Iterable[str]) -> dict[str, list[Decimal]]:
    """Values between which about the same number of people are."""
    rows = list(people)
    found = {}
    for key in keys:
        numbers = sorted(n for one in rows if (n := _number(one.values.get(key))) is not None)
        places = {len(numbers) * part // PARTS for part in range(1, PARTS)} if numbers else set()
        found[key] = sorted({numbers[place] for place in places})
    return found


def traits_of(person: Person, asked: Questions) -> set[Trait]:
    """Of fields and of how many events there were."""
    found: set[Trait] = set()
    for key, type_ in asked.fields.items():
        value = person.values.get(key)
        is_set = value not in (None, "", [])
        operator = "is_set" if is_set else "is_not_set"
        found.add(Trait("field", key, "", type_.value, operator))
        if is_set and key not in asked.unique:
            found.update(_of_value(key, type_, value, asked))
    for type_key in asked.event_types:
        times = person.events.get(type_key, 0)
        found.update(
            Trait("event", type_key, "", "", "at_least", least) for least in TIMES if times >= least
        )
        if not times:
            found.add(Trait("event", type_key, "", "", "equals", 0))
    return found


def carried_traits(person: Person, asked: Questions) -> set[Trait]:
    """Of what the attributes of events say."""
    return {
        trait
        for type_key, attributes in person.carried or ()
        if type_key in asked.event_types
        for path, value in leaves(attributes)
        for trait in _of_attribute(type_key, path, value)
    }


def spellings(people: Iterable[Person], asked: Questions) -> dict[str, str]:
    """How texts are written most often, by what they are in small letters."""
    seen: dict[str, Counter[str]] = {}
    for one in people:
        values = [one.values.get(key) for key in asked.fields if key not in asked.unique]
        carried = [value for _, attributes in one.carried or () for _, value in leaves(attributes)]
        for text in _texts([*values, *carried]):
            seen.setdefault(text.lower(), Counter())[text] += 1
    return {small: max(sorted(counts), key=counts.__getitem__) for small, counts in seen.items()}


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, str))
        elif isinstance(value, str):
            yield value


def _of_value(key: str, type_: FieldType, value: Any, asked: Questions) -> Iterator[Trait]:
    match type_:
        case FieldType.TEXT:
            if isinstance(value, str) and len(value) <= LONGEST:
                yield Trait("field", key, "", type_.value, "equals", value.lower())
        case FieldType.BOOLEAN:
            if isinstance(value, bool):
                yield Trait("field", key, "", type_.value, "is_true" if value else "is_false")
        case FieldType.LIST:
            for item in _texts([value] if isinstance(value, list) else []):
                yield Trait("field", key, "", type_.value, "contains_any", item.lower())
        case FieldType.NUMBER:
            number = _number(value)
            for cut in asked.cuts.get(key, ()) if number is not None else ():
                operator = "at_least" if number >= cut else "less_than"
                yield Trait("field", key, "", type_.value, operator, cut)
        case _:
            for days in _days_within(value, asked):
                yield Trait("field", key, "", type_.value, "in_last", days)


def _days_within(value: Any, asked: Questions) -> Iterator[int]:
    """In which of the last days a date lies."""
    moment = _moment(value)
    if moment is None:
        return
    place = isinstance(moment, datetime)  # a day and an instant do not compare
    for days, since in asked.since.items():
        if since[place] <= moment <= asked.now[place]:  # type: ignore[operator]
            yield days


def _moment(value: Any) -> date | datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else _aware(value)
    except (TypeError, ValueError):
        return None


def _aware(value: str) -> datetime | None:
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _of_attribute(type_key: str, path: str, value: Any) -> Iterator[Trait]:
    match value:
        case bool():
            yield Trait("attribute", type_key, path, "boolean", "is_true" if value else "is_false")
        case str() if value and len(value) <= LONGEST:
            yield Trait("attribute", type_key, path, "text", "equals", value.lower())
        case int() | Decimal():
            yield Trait("attribute", type_key, path, "number", "equals", Decimal(value))
        case list():
            for item in _texts([value]):
                yield Trait("attribute", type_key, path, "list", "contains_any", item.lower())
