"""The list of segments: which ones, in which order, and what each row says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from segments.history import Day
from segments.models import Segment
from segments.selectors import Described, describe, segments_found
from segments.standing import Standing, standing
from segments.usage import Use, uses_by_key

DAYS = 7
"""Over which a change is told."""

Changes = Mapping[int, Sequence[Day]]
"""By segment: the days of `history.size_changes`."""

COLUMNS: dict[str, F | Lower] = {
    "name": Lower("name"),
    "size": F("member_count"),
    "updated": F("updated_at"),
}
SORTS = tuple(order for name in (*COLUMNS, "change") for order in (name, f"-{name}"))


@dataclass(frozen=True, slots=True)
class Development:
    """How the size of a segment came to be what it is."""

    first: date | None
    """None: nothing is known of it."""
    sizes: list[int]
    """Before the first day, and at the end of each."""

    @property
    def change(self) -> int:
        return self.sizes[-1] - self.sizes[0] if self.sizes else 0

    @property
    def words(self) -> str:
        return f"From {self.sizes[0]:,} to {self.sizes[-1]:,} in {DAYS} days" if self.sizes else ""


@dataclass(frozen=True, slots=True)
class Row:
    described: Described
    standing: Standing
    development: Development
    uses: list[Use]
    """Segments and campaigns that use it."""

    @property
    def segment(self) -> Segment:
        return self.described.segment


def ids_in_order(
    *, search: str, status: str, tag: str, sort: str, changes: Changes
) -> Sequence[int]:
    """There are some hundred segments at most, so that their ids may all be read."""
    found = segments_found(search=search, status=status, tag=tag)
    name, descends = sort.removeprefix("-"), sort.startswith("-")
    if name != "change":
        return list(_sorted(found, name, descends=descends).values_list("pk", flat=True))
    ids = _sorted(found, "name", descends=False).values_list("pk", flat=True)
    return sorted(ids, key=lambda pk: developed(changes.get(pk, ())).change, reverse=descends)


def rows(ids: Iterable[int], changes: Changes) -> list[Row]:
    """In the same order, with a number of queries that does not depend on how many."""
    wanted = list(ids)
    found = Segment.objects.select_related("owner").in_bulk(wanted)
    described = describe(found[pk] for pk in wanted if pk in found)
    uses = uses_by_key([row.segment.key for row in described])
    return [
        Row(
            row,
            standing(row),
            developed(changes.get(row.segment.pk, ())),
            uses.get(row.segment.key, []),
        )
        for row in described
    ]


def developed(days: Sequence[Day]) -> Development:
    if not days:
        return Development(None, [])
    before = days[0].members - days[0].entered + days[0].left
    return Development(days[0].day, [before, *(day.members for day in days)])


def tags_in_use() -> list[str]:
    """For the choice of one; those of archived segments are found in the archive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(tags) AS tag FROM segments_segment ORDER BY tag")
        return [tag for (tag,) in cursor.fetchall()]


def _sorted(found: QuerySet[Segment], name: str, *, descends: bool) -> QuerySet[Segment]:
    column = COLUMNS[name]
    return found.order_by(column.desc() if descends else column.asc(), Lower("name"), "pk")
