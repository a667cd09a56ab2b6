"""Whom new events concern: a segment looks only at those that may pass one of its filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from segmentflow.clock import workspace_zone
from segments.conditions.filters import Filter, Passes, compiled, event_filters
from segments.conditions.nodes import Group
from segments.engine.facts import load_definitions, meant, references, referred

Filters = tuple[Filter, ...] | None
"""An event counts if it passes one of them; None: whatever it is."""
Followed = Mapping[str, Set[int]]
"""By event type, the contacts who had one of it later (followed.py)."""

MOST_KNOWN = 10_000

_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(slots=True)
class Told:
    """The new events of one type that say what they carried, each text judged once by each filter."""

    by_text: dict[str, set[int]] = field(default_factory=dict)
    """What was carried, as JSON -> the contacts."""
    times: list[tuple[int, datetime | None]] = field(default_factory=list)
    """Contacts with the times of their events."""
    _read: list[tuple[dict[str, Any] | None, set[int]]] = field(default_factory=list)
    _passing: dict[Passes | None, set[int]] = field(default_factory=dict)

    def add(self, contact_id: int, occurred_at: datetime | None, text: str) -> None:
        known = self.by_text.get(text)
        if known is None:
            self.by_text[text] = {contact_id}
        else:
            known.add(contact_id)
        self.times.append((contact_id, occurred_at))

    def earliest(self) -> dict[int, datetime | None]:
        """Of each contact the first of these events; None where that is not known."""
        found: dict[int, datetime | None] = {}
        for contact_id, at in self.times:
            known = found.setdefault(contact_id, at)
            if at is None or (known is not None and at < known):
                found[contact_id] = at
        return found

    def contacts(self, filters: Filters, followed: Followed) -> Iterable[set[int]]:
        """Those who had an event that may pass, as sets to unite."""
        return (
            [self.everybody()] if filters is None else [self._by(one, followed) for one in filters]
        )

    def _by(self, one: Filter, followed: Followed) -> set[int]:
        passing = self._by_event(one)
        return passing if one.then is None else passing & followed[one.then]

    def _by_event(self, one: Filter) -> set[int]:
        passing = self.everybody() if one.passes is None else self._by_attributes(one.passes)
        if one.earliest is None and one.latest is None:
            return passing
        return passing.intersection(
            contact_id for contact_id, at in self.times if _lies_within(at, one)
        )

    def everybody(self) -> set[int]:
        found = self._passing.get(None)
        if found is None:
            found = self._passing[None] = set().union(*self.by_text.values())
        return found

    def _by_attributes(self, may_pass: Passes) -> set[int]:
        found = self._passing.get(may_pass)
        if found is None:
            if not self._read:
                self._read = [(_decoded(text), ids) for text, ids in self.by_text.items()]
            found = self._passing[may_pass] = set()
            for attributes, contact_ids in self._read:
                if attributes is None or may_pass(attributes):
                    found |= contact_ids
        return found


def may_concern(attributes: str | None, occurred_at: datetime | None, filters: Filters) -> bool:
    """Whether one event may count, as far as its mark tells: not what came later."""
    if attributes is None or filters is None:
        return True
    known = _decoded(attributes)
    return any(
        _lies_within(occurred_at, one)
        and (known is None or one.passes is None or one.passes(known))
        for one in filters
    )


def _lies_within(at: datetime | None, one: Filter) -> bool:
    return at is None or not (
        (one.earliest is not None and at < one.earliest)
        or (one.latest is not None and at > one.latest)
    )


def _decoded(text: str) -> dict[str, Any] | None:
    """None: unreadable here, so it may be anything."""
    try:
        found = _decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


# The filters of versions


@dataclass(frozen=True, slots=True)
class _Known:
    group: Group
    references: frozenset[str]
    segments: Mapping[str, Group | int]
    """What its references meant, also through others."""
    filters: Mapping[str, Filters]
    """By event type."""


_known: dict[int, _Known] = {}
"""By version, which never changes; what it refers to may."""


def version_filters(version_ids: Iterable[int]) -> dict[int, Mapping[str, Filters]]:
    """Version id -> the filters of each event type that it counts."""
    wanted = set(version_ids)
    if missing := wanted - _known.keys():
        _load(missing)
    known = {version_id: _known[version_id] for version_id in wanted & _known.keys()}
    referring = [one.group for one in known.values() if one.references]
    segments = referred(referring, workspace_zone()) if referring else {}
    for version_id, one in known.items():
        if one.references and not _is_current(one, segments):
            known[version_id] = _known[version_id] = _with_filters(one.group, segments)
    return {version_id: one.filters for version_id, one in known.items()}


def _load(version_ids: set[int]) -> None:
    if len(_known) > MOST_KNOWN:
        _known.clear()
    for version_id, definition in load_definitions(version_ids).items():
        _known[version_id] = _with_filters(definition.group, {})


def _is_current(known: _Known, segments: Mapping[str, Group | int]) -> bool:
    """Whether every reference still means the very same tree."""
    return known.references <= known.segments.keys() and all(
        segments.get(key) is tree for key, tree in known.segments.items()
    )


def _with_filters(group: Group, segments: Mapping[str, Group | int]) -> _Known:
    known = meant(group, segments)
    filters: dict[str, Filters] = {
        event: None if found is None else tuple({compiled(one) for one in found})
        for event, found in event_filters(group, known).items()
    }
    return _Known(group, frozenset(references(group)), known, filters)
