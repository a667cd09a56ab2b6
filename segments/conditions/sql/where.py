"""Groups over the attributes of one event: `where` and `check`."""

from __future__ import annotations

from dataclasses import dataclass

from segments.conditions.nodes import AttributeCondition, Match, Where
from segments.conditions.sql import values
from segments.conditions.sql.comparisons import compare
from segments.conditions.sql.fragment import Fragment, all_of, any_of, none_of
from segments.conditions.sql.moments import Moment

COMBINED = {Match.ALL: all_of, Match.ANY: any_of, Match.NONE: none_of}


@dataclass(frozen=True, slots=True)
class SplitWhere:
    """A `where`, parted into what an event fulfils for ever and what time can change."""

    fixed: tuple[Fragment, ...]
    moving: tuple[Fragment, ...]

    @property
    def fixed_sql(self) -> str:
        return "".join(f" AND {fragment.truth}" for fragment in self.fixed)


def split_where(moment: Moment, where: Where | None) -> SplitWhere:
    if where is None:
        return SplitWhere((), ())
    if where.match == Match.ALL:
        parts = [where_sql(moment, child) for child in where.children]
    else:
        parts = [where_sql(moment, where)]
    fixed = tuple(part for part in parts if part.is_static)
    return SplitWhere(fixed, tuple(part for part in parts if not part.is_static))


def where_sql(moment: Moment, where: Where | AttributeCondition) -> Fragment:
    """The truth about the event that the alias `e` stands for."""
    if isinstance(where, AttributeCondition):
        json = values.attribute_json(moment, where.attribute)
        return compare(moment, where.check, values.typed(moment, json, where.check.type))
    return COMBINED[where.match]([where_sql(moment, child) for child in where.children])
