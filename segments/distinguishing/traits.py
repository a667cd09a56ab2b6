"""What a contact has, as traits that others may have too. Plain data, without the database."""

from __future__ import annotations

from bisect import bisect_left
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
    spelled: dict[str, str] = field(default_factory=dict)
    """Filled while counting: how a text in small letters is written."""

    def small(self, text: str) -> str:
        """Conditions take no notice of case, so spellings are one value."""
        found = text.lower()
        self.spelled.setdefault(found, text)
        return found


def cuts_of(people: Iterable[Person], keys: Iterable[str]) -> dict[str, list[Decimal]]:
    """Values between which about the same number of people are."""
    rows = list(people)
    found = {}
    for key in keys:
        numbers = sorted(_numbers(one.values.get(key) for one in rows))
        places = {len(numbers) * part // PARTS for part in range(1, PARTS)} if numbers else set()
        found[key] = sorted({numbers[place] for place in places})
    return found


def counted_traits(people: Sequence[Person], asked: Questions) -> Counter[Trait]:
    """Of fields and of how many events there were: how many people have each."""
    found: Counter[Trait] = Counter()
    for key, type_ in asked.fields.items():
        column = (one.values.get(key) for one in people)
        values = [value for value in column if value not in (None, "") and value != []]
        found[Trait("field", key, "", type_.value, "is_set")] = len(values)
        found[Trait("field", key, "", type_.value, "is_not_set")] = len(people) - len(values)
        if key not in asked.unique:
            for (operator, value), count in _of_values(key, type_, values, asked).items():
                found[Trait("field", key, "", type_.value, operator, value)] = count
    for type_key in asked.event_types:
        times = sorted(one.events.get(type_key, 0) for one in people)
        for least in TIMES:
            trait = Trait("event", type_key, "", "", "at_least", least)
            found[trait] = len(times) - bisect_left(times, least)
        found[Trait("event", type_key, "", "", "equals", 0)] = bisect_left(times, 1)
    return +found


def carried_traits(people: Iterable[Person], asked: Questions) -> Counter[Trait]:
    """Of what the attributes of events say; whoever has it several times has it."""
    found: Counter[tuple[Any, ...]] = Counter()
    for one in people:
        found.update(
            {
                ("attribute", type_key, path, *said)
                for type_key, attributes in one.carried or ()
                if type_key in asked.event_types
                for path, value in leaves(attributes)
                for said in _of_attribute(value, asked)
            }
        )
    return Counter({Trait(*parts): count for parts, count in found.items()})


Said = tuple[str, Any]
"""An operator and its value."""


def _of_values(
    key: str, type_: FieldType, values: Sequence[Any], asked: Questions
) -> Counter[Said]:
    match type_:
        case FieldType.TEXT:
            return Counter(("equals", asked.small(text)) for text in _texts(values))
        case FieldType.BOOLEAN:
            said = {True: "is_true", False: "is_false"}
            return Counter((said[value], None) for value in values if isinstance(value, bool))
        case FieldType.LIST:
            lists = [value for value in values if isinstance(value, list)]
            return Counter(
                ("contains_any", small)
                for one in lists
                for small in {asked.small(text) for text in _texts(one)}
            )
        case FieldType.NUMBER:
            return _on_both_sides(sorted(_numbers(values)), asked.cuts.get(key, ()))
        case _:
            return Counter(("in_last", days) for one in values for days in _days_within(one, asked))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (text for text in values if isinstance(text, str) and 0 < len(text) <= LONGEST)


def _numbers(values: Iterable[Any]) -> Iterator[Decimal]:
    for value in values:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield Decimal(value)


def _on_both_sides(numbers: Sequence[Decimal], cuts: Iterable[Decimal]) -> Counter[Said]:
    found: Counter[Said] = Counter()
    for cut in cuts:
        found["less_than", cut] = below = bisect_left(numbers, cut)
        found["at_least", cut] = len(numbers) - below
    return found


def _days_within(value: Any, asked: Questions) -> Iterator[int]:
    """In which of the last days a date lies."""
    moment = _moment(value)
    if moment is None:
        return
    place = isinstance(moment, datetime)  # a day and an instant do not compare
    for days, since in asked.since.items():
        if since[place] <= moment <= asked.now[place]:
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


def _of_attribute(value: Any, asked: Questions) -> Iterable[tuple[str, str, Any]]:
    """Types, operators and values of conditions that it meets."""
    match value:
        case bool():
            return (("boolean", "is_true" if value else "is_false", None),)
        case str():
            return tuple(("text", "equals", asked.small(text)) for text in _texts([value]))
        case int() | Decimal():
            return (("number", "equals", Decimal(value)),)
        case list():
            return tuple(("list", "contains_any", asked.small(text)) for text in _texts(value))
        case _:
            return ()
