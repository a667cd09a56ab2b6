"""What a definition means, written a second time: naive, slow and only from docs/conditions.md.

It shares no code with the product, so that the two can be compared. Section numbers are
those of the page.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Json = Any
Node = dict[str, Any]
Value = Any
"""str, Fraction, bool, date, datetime (in UTC), list of str; None when missing."""

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

BUILT_IN_TEXTS = (
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "city",
    "country",
    "language",
    "timezone",
    "preferred_channel",
)


@dataclass(frozen=True)
class Happening:
    """An event."""

    type: str
    occurred_at: datetime
    message_id: str = ""
    attributes: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """A contact."""

    id: int
    created_at: datetime
    built_in: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Json] = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """Everything a condition may look at besides itself."""

    person: Person
    now: datetime
    zone: ZoneInfo
    fields: Mapping[str, str]
    segments: Mapping[str, Node | AbstractSet[int]]

    @property
    def today(self) -> date:
        return local_date(self.now, self.zone)


def is_member(
    definition: Node,
    person: Person,
    now: datetime,
    zone: ZoneInfo,
    fields: Mapping[str, str],
    segments: Mapping[str, Node | AbstractSet[int]],
) -> bool:
    """Whether the contact satisfies the definition at `now`.

    `fields` maps additional fields to their types; `segments` maps a key to its
    definition, or to the ids of those listed when it is static.
    """
    return holds(definition, World(person, now.astimezone(UTC), zone, fields, segments))


def holds(node: Node, world: World) -> bool:
    match node["kind"]:
        case "group":
            return group_holds(node, lambda child: holds(child, world))
        case "field":
            kind, value = field_value(node["field"], world)
            return compare(node, kind, value, world)
        case "event":
            return event_holds(node, world)
        case "occurrence":
            return occurrence_holds(node, world)
        case "sequence":
            return sequence_holds(node, world)
        case "segment":
            return segment_holds(node["segment"], world) is node["member"]
        case "random":
            return random_holds(node, world)
        case "everyone":
            return True
    raise ValueError(f"unknown kind {node['kind']}")


# 1. Groups


def group_holds(node: Node, child_holds: Callable[[Node], bool]) -> bool:
    truths = [child_holds(child) for child in node["children"]]
    return {"all": all(truths), "any": any(truths), "none": not any(truths)}[node["match"]]


# 2. Comparisons, of fields and of attributes


def field_value(key: str, world: World) -> tuple[str, Value]:
    """The type of a contact's field and its value."""
    if key == "created_at":
        return "datetime", world.person.created_at.astimezone(UTC)
    if key in BUILT_IN_TEXTS:
        return "text", world.person.built_in.get(key) or None
    kind = world.fields[key]
    return kind, read(world.person.attributes.get(key), kind, world.zone)


NEGATIONS = {
    "is_not_set": "is_set",
    "not_equals": "equals",
    "not_in": "in",
    "not_contains": "contains",
    "not_matches": "matches",
    "not_in_period": "in_period",
    "contains_none": "contains_any",
}


def compare(node: Node, kind: str, left: Value, world: World) -> bool:
    """Apply a condition's operator to a value of a type."""
    operator = node["operator"]
    if operator in NEGATIONS:
        positive = {**node, "operator": NEGATIONS[operator]}
        return not compare(positive, kind, left, world)
    if left is None:
        return False
    if operator == "is_set":
        return True
    if kind == "text":
        return compare_text(node, left, world)
    if kind == "number":
        return compare_number(operator, left, node["value"], world)
    if kind == "boolean":
        return left is {"is_true": True, "is_false": False}[operator]
    if kind == "list":
        return compare_list(node, left)
    return compare_moment(node, left, world)


def compare_text(node: Node, left: str, world: World) -> bool:
    operator, fold = node["operator"], folding(node)
    text = fold(left)
    if operator == "matches":
        return found(node["value"], text, ignore_case=not node.get("case_sensitive"))
    if operator == "in":
        return text in [fold(value) for value in node["value"]]
    value = right_side(node["value"], "text", world)
    if value is None:
        return False
    value = fold(value)
    truths = {
        "equals": text == value,
        "contains": value in text,
        "starts_with": text.startswith(value),
        "ends_with": text.endswith(value),
    }
    return bool(truths[operator])


def folding(node: Node) -> Callable[[str], str]:
    return str if node.get("case_sensitive") else str.lower


def found(pattern: str, text: str, *, ignore_case: bool) -> bool:
    if ignore_case:
        # \D is not \d.
        pattern = re.sub(r"\\.|[^\\]", lambda m: m[0] if m[0][0] == "\\" else m[0].lower(), pattern)
    return re.search(pattern, text) is not None


def compare_number(operator: str, left: Fraction, value: Json, world: World) -> bool:
    if operator == "in":
        return left in [number(item) for item in value]
    if operator == "between":
        start = right_side(value["from"], "number", world)
        end = right_side(value["to"], "number", world)
        return start is not None and end is not None and start <= left <= end
    right = right_side(value, "number", world)
    if right is None:
        return False
    truths = {
        "equals": left == right,
        "greater_than": left > right,
        "at_least": left >= right,
        "less_than": left < right,
        "at_most": left <= right,
    }
    return bool(truths[operator])


def compare_list(node: Node, left: list[str]) -> bool:
    fold = folding(node)
    held = {fold(item) for item in left}
    wanted = {fold(item) for item in node["value"]}
    return {"contains_any": bool(held & wanted), "contains_all": wanted <= held}[node["operator"]]


def right_side(value: Json, kind: str, world: World) -> Value:
    """What a condition compares with: given, or the contact's own value of a field."""
    if isinstance(value, dict):
        return field_value(value["field"], world)[1]
    if kind == "text":
        return value
    if kind == "number":
        return number(value)
    return moment(value, world.zone)


# 2.1 to 2.4 Dates


def compare_moment(node: Node, left: date | datetime, world: World) -> bool:
    operator, value = node["operator"], node["value"]
    if operator == "anniversary_in_next":
        return days_to_anniversary(day_of(left, world.zone), world.today) <= value["amount"]
    if operator == "in_period":
        begin, end = period_days(value, world.today)
        return begin <= day_of(left, world.zone) <= end
    if operator in ("in_last", "more_than_ago", "in_next", "more_than_ahead"):
        return compare_relative(operator, value, left, world)
    if operator == "between":
        ends = [right_side(value[end], "datetime", world) for end in ("from", "to")]
        return None not in ends and is_between(left, ends[0], ends[1], world.zone)
    right = right_side(value, "datetime", world)
    if right is None:
        return False
    if operator == "on":
        return bool(day_of(left, world.zone) == right)
    return {"before": is_before, "after": is_after}[operator](left, right, world.zone)


def is_day(value: date | datetime) -> bool:
    return not isinstance(value, datetime)


def is_before(left: date | datetime, right: date | datetime, zone: ZoneInfo) -> bool:
    """Before the first instant of a day, or before an instant."""
    if is_day(left):
        return left < day_of(right, zone)
    return left < instant_of(right, zone)


def is_after(left: date | datetime, right: date | datetime, zone: ZoneInfo) -> bool:
    """From the first instant of the next day on, or after an instant."""
    if is_day(left):
        return left > day_of(right, zone)
    if is_day(right):
        return left >= first_instant(next_day(right), zone)
    return left > instant_of(right, zone)


def is_between(
    left: date | datetime, start: date | datetime, end: date | datetime, zone: ZoneInfo
) -> bool:
    """From <= left <= to, where a day is the whole day."""
    return not is_before(left, start, zone) and not is_after(left, end, zone)


def compare_relative(operator: str, value: Node, left: date | datetime, world: World) -> bool:
    if is_day(left):
        now: date | datetime = world.today
        earlier: date | datetime = shifted_day(world.today, value, -1)
        later: date | datetime = shifted_day(world.today, value, +1)
        is_ahead = left >= now
    else:
        now = world.now
        earlier = shifted(world.now, value, -1, world.zone)
        later = shifted(world.now, value, +1, world.zone)
        is_ahead = left > now
    return {
        "in_last": earlier <= left <= now,
        "more_than_ago": left < earlier,
        "in_next": is_ahead and left <= later,
        "more_than_ahead": left > later,
    }[operator]


def days_to_anniversary(day: date, today: date) -> int:
    for year in (today.year, today.year + 1):
        month_end = calendar.monthrange(year, day.month)[1]
        anniversary = date(year, day.month, min(day.day, month_end))
        if anniversary >= today:
            return (anniversary - today).days
    raise AssertionError("every day has an anniversary within a year")


PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_days(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of a calendar period."""
    single = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if period in single:
        day = today + timedelta(days=single[period])
        return day, day
    side, unit = period.split("_")
    step = {"last": -1, "this": 0, "next": 1}[side]
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    length = PERIOD_MONTHS[unit]
    this_start = (today.month - 1) // length * length
    begin = today.year * 12 + this_start + step * length
    return month_start(begin), month_start(begin + length) - timedelta(days=1)


def month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


# Calendar arithmetic


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def day_of(value: date | datetime, zone: ZoneInfo) -> date:
    return local_date(value, zone) if isinstance(value, datetime) else value


def instant_of(value: date | datetime, zone: ZoneInfo) -> datetime:
    return value if isinstance(value, datetime) else first_instant(value, zone)


def next_day(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def readings(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants that a wall clock showing `wall` may mean; standard time comes first."""
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    instants = []
    for offset in sorted(offset for offset in offsets if offset is not None):
        try:
            instants.append(wall.replace(tzinfo=UTC) - offset)
        except OverflowError:
            instants.append(LATEST if offset < timedelta() else EARLIEST)
    return instants


def at_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time; a skipped or repeated one is read in standard time."""
    return readings(wall, zone)[0]


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The earliest instant of a local day; of a day that is skipped, where it would have been."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock's reading
    instants = readings(midnight, zone)
    if len(instants) == 1:
        return instants[0]
    on_day = [instant for instant in instants if local_date(instant, zone) == day]
    return min(on_day, default=instants[0])


def shifted_day(day: date, duration: Node, sign: int) -> date:
    """The day some days, weeks, months or years away."""
    amount, unit = sign * duration["amount"], duration["unit"]
    try:
        if unit in ("day", "week"):
            return day + timedelta(days=amount * {"day": 1, "week": 7}[unit])
        months = day.year * 12 + day.month - 1 + amount * {"month": 1, "year": 12}[unit]
        first = month_start(months)
        length = calendar.monthrange(first.year, first.month)[1]
        return first.replace(day=min(day.day, length))
    except (OverflowError, ValueError):
        return date.max if sign > 0 else date.min


def shifted(instant: datetime, duration: Node, sign: int, zone: ZoneInfo) -> datetime:
    """The instant some time away: fixed lengths, or the same wall-clock time another day."""
    unit = duration["unit"]
    try:
        if unit in ("minute", "hour"):
            return instant + sign * timedelta(**{f"{unit}s": duration["amount"]})
        wall = instant.astimezone(zone)
        day = shifted_day(wall.date(), duration, sign)
    except OverflowError:
        day = date.max if sign > 0 else date.min
    if day in (date.max, date.min):
        return LATEST if sign > 0 else EARLIEST
    return at_wall(datetime.combine(day, wall.time().replace(tzinfo=None, fold=0)), zone)


# 3. Reading values

DAY = r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.,]([0-9]{1,9}))?)?"
OFFSET = r"(Z|z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
MOMENT = re.compile(f"{DAY}(?:[T ]{CLOCK}{OFFSET}?)?")
NUMBER = re.compile(r"[+-]?([0-9]{1,130}(\.[0-9]{0,130})?|\.[0-9]{1,130})")


def read(value: Json, kind: str, zone: ZoneInfo) -> Value:
    """A JSON value as a value of a type; None when it is missing or not of the type."""
    match kind:
        case "text":
            return json_text(value) or None
        case "number":
            return number(value)
        case "boolean":
            words = {"true": True, "false": False}
            text = json_text(value) if isinstance(value, bool | str) else None
            return words.get((text or "").lower())
        case "list":
            return list_of_texts(value) if value else None
        case "date" | "datetime":
            found = moment(value, zone) if isinstance(value, str) else None
            if found is None:
                return None
            return (day_of if kind == "date" else instant_of)(found, zone)
    raise ValueError(f"unknown type {kind}")


def json_text(value: Json) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return format(Decimal(str(value)), "f")
    return None


def list_of_texts(value: Json) -> list[str] | None:
    """Elements that are no text count for nothing, but an array of them is not missing."""
    if not isinstance(value, list):
        return None
    texts = [json_text(item) for item in value]
    return [text for text in texts if text is not None]


def number(value: Json) -> Fraction | None:
    """Exact, so that nothing is ever rounded."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return Fraction(Decimal(str(value)))
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Fraction(Decimal(value))
    return None


def moment(text: str, zone: ZoneInfo) -> date | datetime | None:
    """An ISO 8601 day or instant."""
    parts = MOMENT.fullmatch(text)
    if parts is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = parts.groups()
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    if hour is None:
        return on
    wall = datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0))  # noqa: DTZ001
    wall += timedelta(microseconds=round(Fraction(f"0.{fraction or 0}") * 10**6))
    if offset is None:
        return at_wall(wall, zone)
    try:
        return wall.replace(tzinfo=UTC) - offset_of(offset)
    except OverflowError:
        return EARLIEST if "+" in offset else LATEST


def offset_of(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return size if text[0] == "+" else -size


def attribute(event: Happening, path: str) -> Json:
    """An attribute by its key, or by a dotted path into objects."""
    if path in event.attributes:
        return event.attributes[path]
    value: Json = event.attributes
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


# 3. Events


def satisfies(event: Happening, where: Node | None, world: World) -> bool:
    if where is None:
        return True
    if where["kind"] == "group":
        return group_holds(where, lambda child: satisfies(event, child, world))
    kind = where["type"]
    value = read(attribute(event, where["attribute"]), kind, world.zone)
    return compare(where, kind, value, world)


def happenings(key: str, where: Node | None, world: World) -> list[Happening]:
    """The contact's events of a type up to now that satisfy `where`, oldest first."""
    events = [
        event
        for event in world.person.events
        if event.type == key and event.occurred_at <= world.now and satisfies(event, where, world)
    ]
    return sorted(events, key=lambda event: (event.occurred_at, event.message_id.encode()))


def in_window(t: datetime, window: Node | None, world: World) -> bool:
    window = window or {"kind": "ever"}
    now, zone = world.now, world.zone
    match window["kind"]:
        case "ever":
            return True
        case "period":
            first, last = period_days(window["period"], world.today)
            return first <= local_date(t, zone) <= last
        case "last":
            return shifted(now, window, -1, zone) <= t
        case "before_ago":
            return t < shifted(now, window, -1, zone)
        case "between_ago":
            start, end = (shifted(now, window[key], -1, zone) for key in ("from", "to"))
            return start <= t <= end
        case "after":
            return t >= given_instant(window["at"], zone)
        case "before":
            return t < given_instant(window["at"], zone)
        case "between":
            return is_between(
                t, given_moment(window["from"], zone), given_moment(window["to"], zone), zone
            )
    raise ValueError(f"unknown window {window['kind']}")


def given_moment(text: str, zone: ZoneInfo) -> date | datetime:
    found = moment(text, zone)
    if found is None:
        raise ValueError(f"{text} is no date or time")
    return found


def given_instant(text: str, zone: ZoneInfo) -> datetime:
    return instant_of(given_moment(text, zone), zone)


def event_holds(node: Node, world: World) -> bool:
    events = [
        event
        for event in happenings(node["event"], node.get("where"), world)
        if in_window(event.occurred_at, node.get("window"), world)
    ]
    measured = measure(events, node.get("measure") or {"of": "count"}, world)
    condition = {"operator": node.get("operator", "at_least"), "value": node.get("value", 1)}
    return compare(condition, "number", measured, world)


def measure(events: list[Happening], of: Node, world: World) -> Fraction | None:
    match of["of"]:
        case "count":
            return Fraction(len(events))
        case "days":
            return Fraction(len({local_date(event.occurred_at, world.zone) for event in events}))
        case "distinct":
            texts = [json_text(attribute(event, of["attribute"])) for event in events]
            return Fraction(len({text.lower() for text in texts if text}))
    numbers = [
        value
        for event in events
        if (value := number(attribute(event, of["attribute"]))) is not None
    ]
    if of["of"] == "sum":
        return sum(numbers, Fraction())
    if not numbers:
        return None
    summaries = {"average": sum(numbers) / len(numbers), "minimum": min(numbers)}
    return Fraction((summaries | {"maximum": max(numbers)})[of["of"]])


# 4. First and last occurrence


def occurrence_holds(node: Node, world: World) -> bool:
    events = happenings(node["event"], node.get("where"), world)
    if not events:
        return False
    event = events[-1 if node["which"] == "last" else 0]
    return in_window(event.occurred_at, node.get("window"), world) and satisfies(
        event, node.get("check"), world
    )


# 5. Sequences


def sequence_holds(node: Node, world: World) -> bool:
    first, *rest = node["steps"]
    starts = [
        event
        for event in happenings(first["event"], first.get("where"), world)
        if in_window(event.occurred_at, node.get("window"), world)
    ]
    return any(goes_on(event.occurred_at, rest, world) for event in starts)


def goes_on(t: datetime, steps: list[Node], world: World) -> bool:
    """Whether the remaining steps follow an event at `t`."""
    if not steps:
        return True
    step, *rest = steps
    within = step.get("within")
    end = shifted(t, within, +1, world.zone) if within else LATEST
    followers = [
        event.occurred_at
        for event in happenings(step["event"], step.get("where"), world)
        if t < event.occurred_at <= end
    ]
    if not step.get("performed", True):
        return not followers and end < world.now
    return any(goes_on(follower, rest, world) for follower in followers)


# 6. Other conditions


def segment_holds(key: str, world: World) -> bool:
    segment = world.segments[key]
    if isinstance(segment, dict):
        return holds(segment, world)
    return world.person.id in segment


def random_holds(node: Node, world: World) -> bool:
    digest = hashlib.md5(f"{node['salt']}:{world.person.id}".encode(), usedforsecurity=False)
    share = Fraction(int(digest.hexdigest()[:8], 16), 2**32)
    percent = number(node["percent"])
    return percent is not None and share < percent / 100
