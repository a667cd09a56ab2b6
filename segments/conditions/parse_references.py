"""Reads references to other segments, and finds those that lead back (section 6)."""

from __future__ import annotations

from collections.abc import Iterator

from segments.conditions.catalog import Catalog
from segments.conditions.nodes import SegmentCondition
from segments.conditions.problems import quoted
from segments.conditions.reading import Place


def segment_condition(place: Place) -> SegmentCondition | None:
    members = place.members(("kind", "segment"), ("member",))
    segment = _known_segment(members.get("segment"))
    member = members["member"].flag() if "member" in members else True
    return None if segment is None or member is None else SegmentCondition(segment, member)


def _known_segment(place: Place | None) -> str | None:
    key = place.text() if place is not None else None
    if place is None or key is None:
        return None
    if problem := _problem(key, place.catalog):
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


def _way_back(key: str, catalog: Catalog) -> list[str]:
    """The references that lead from a segment to the one being defined; empty when none do."""
    if catalog.own_key is None:
        return []
    came_from: dict[str, str] = {key: ""}
    waiting = [key]
    while waiting:
        step = waiting.pop(0)
        info = catalog.segments.get(step)
        for following in references(info.definition) if info else ():
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
