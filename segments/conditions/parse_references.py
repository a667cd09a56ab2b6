"""Reads references to other segments, and finds those that lead back (section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from segments.conditions.catalog import Catalog
from segments.conditions.nodes import SegmentCondition
from segments.conditions.problems import quoted
from segments.conditions.reading import Place

MAX_REFERENCES = 20
"""In a row, from the segment that nobody refers to, to the one that refers to nobody."""


def segment_condition(place: Place) -> SegmentCondition | None:
    members = place.members(("kind", "segment"), ("member",))
    segment = _known_segment(members.get("segment"))
    member = members["member"].flag() if "member" in members else True
    return None if segment is None or member is None else SegmentCondition(segment, member)


def _known_segment(place: Place | None) -> str | None:
    key = place.text() if place is not None else None
    if place is None or key is None:
        return None
    problem = _problem(key, place.catalog) or _chain_problem(key, place)
    if problem:
        place.problem(*problem)
        return None
    return key


def _problem(key: str, catalog: Catalog) -> tuple[str, str] | None:
    if key == catalog.own_key:
        return "cycle", "A segment cannot refer to itself."
    info = catalog.segments.get(key)
    if info is None:
        return "unknown_segment", f"There is no segment {quoted(key)}."
    name = quoted(info.label or key)
    if info.is_archived and not catalog.allow_archived:
        return "archived_segment", f"The segment {name} is archived."
    if not info.is_static and not info.has_definition:
        return "segment_without_definition", f"The segment {name} has never been published."
    if way := _way_back(key, catalog):
        names = " → ".join(quoted(catalog.segments[step].label or step) for step in way)
        return "cycle", f"{name} refers back to this segment: {names} → this one."
    return None


def _chain_problem(key: str, place: Place) -> tuple[str, str] | None:
    """References are put in place of what they name, so their number in a row is bounded."""
    catalog = place.catalog
    if catalog.allow_archived:
        return None  # it was found right when it was published
    reading = place.reading
    if reading.references_above is None:
        users = _users(catalog)
        own = [catalog.own_key] if catalog.own_key is not None else []
        reading.references_above = max(_levels(own, lambda step: users.get(step, ())) - 1, 0)
    below = _levels([key], lambda step: _named_by(step, catalog))
    if below + reading.references_above <= MAX_REFERENCES:
        return None
    return "too_many_references", f"More than {MAX_REFERENCES} segments would refer in a row."


def _users(catalog: Catalog) -> dict[str, set[str]]:
    """Who names a segment, by its key."""
    users: dict[str, set[str]] = {}
    for key in catalog.segments:
        for named in _named_by(key, catalog):
            users.setdefault(named, set()).add(key)
    return users


def _named_by(key: str, catalog: Catalog) -> Iterator[str]:
    info = catalog.segments.get(key)
    return references(info.definition) if info else iter(())


def _levels(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> int:
    """How many steps a way has at most; counting ends where there are too many."""
    level, count = set(start), 0
    while level and count <= MAX_REFERENCES:
        level = {key for step in level for key in following(step)}
        count += 1
    return count


def _way_back(key: str, catalog: Catalog) -> list[str]:
    """The references that lead from a segment to the one being defined; empty when none do."""
    if catalog.own_key is None:
        return []
    came_from: dict[str, str] = {key: ""}
    waiting = [key]
    while waiting:
        step = waiting.pop(0)
        for following in _named_by(step, catalog):
            if following == catalog.own_key:
                return _steps(step, came_from)
            if following not in came_from:
                came_from[following] = step
                waiting.append(following)
    return []


def _steps(last: str, came_from: dict[str, str]) -> list[str]:
    steps = [last]
    while previous := came_from[steps[-1]]:
        steps.append(previous)
    return steps[::-1]


def references(definition: object) -> Iterator[str]:
    """The keys of the segments that a definition, as JSON, names itself.

    Without recursion, for nobody has checked how deep it is.
    """
    waiting = [definition]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            segment = value.get("segment")
            if value.get("kind") == "segment" and isinstance(segment, str):
                yield segment
            waiting.append(value.get("children"))
        elif isinstance(value, list):
            waiting.extend(value)
