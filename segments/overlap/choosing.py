"""Which segments are to be compared: from an address, checked, and the choices there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segments.models import Segment
from segments.overlap.combinations import FEWEST, MOST
from segments.overlap.matrix import COMPARED
from segments.services import KEY

NOT_FOUND, UNPROCESSABLE = 404, 422


@dataclass(frozen=True, slots=True)
class Asked:
    segments: list[Segment]
    problem: str = ""
    status: int = 200

    @property
    def is_enough(self) -> bool:
        return len(self.segments) >= FEWEST

    @property
    def is_one(self) -> bool:
        return len(self.segments) == 1


def asked_for(keys: Iterable[str]) -> Asked:
    """Each once, in the order given; what cannot be compared is said."""
    wanted = list(dict.fromkeys(key for key in keys if key))
    if len(wanted) > MOST:
        said = f"Up to {MOST} segments are compared at once, and these are {len(wanted)}."
        return Asked(_found(wanted[:MOST])[0], said, UNPROCESSABLE)
    found, missing = _found(wanted)
    if missing:
        return Asked(found, f"There is no segment with the key {_quoted(missing)}.", NOT_FOUND)
    empty = [one for one in found if one.built_at is None]
    if empty:
        names = _quoted(one.name for one in empty)
        said = f"{names}: nobody has been looked for yet, so there is nothing to compare."
        return Asked([one for one in found if one.built_at], said, UNPROCESSABLE)
    return Asked(found)


def _found(keys: Sequence[str]) -> tuple[list[Segment], list[str]]:
    known = [key for key in keys if KEY.fullmatch(key)]
    segments = Segment.objects.in_bulk(known, field_name="key")
    found = [segments[key] for key in keys if key in segments]
    return found, [key for key in keys if key not in segments]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name[:100]}”" for name in names)


def live_segments() -> dict[int, Segment]:
    """Those that have members, by name."""
    found = Segment.objects.filter(status=Segment.Status.LIVE, built_at__isnull=False)
    return {one.pk: one for one in found.order_by("name", "pk")}


def choices() -> list[Segment]:
    """By name: what can be compared."""
    found = Segment.objects.filter(status__in=COMPARED, built_at__isnull=False)
    return list(found.order_by("name", "pk"))


def slots(asked: Asked) -> list[tuple[int, str]]:
    """Number and chosen key of each control."""
    keys = [one.key for one in asked.segments] + [""] * MOST
    return list(enumerate(keys[:MOST], start=1))
