"""Groups over the attributes of one event: `where` and `check`."""

from __future__ import annotations

from dataclasses import dataclass

from segments.conditions.nodes import AttributeCondition, FieldType, Match, Where
from segments.conditions.sql import values
from segments.conditions.sql.comparisons import compare
from segments.conditions.sql.facts import EventTypeFacts
from segments.conditions.sql.fragment import Fragment, all_of, any_of, none_of
from segments.conditions.sql.grouped import asks_contact
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


def split_where(moment: Moment, where: Where | None, event_type: EventTypeFacts) -> SplitWhere:
    if where is None:
        return SplitWhere((), ())
    if where.match == Match.ALL:
        parts = [where_sql(moment, child, event_type) for child in where.children]
    else:
        parts = [where_sql(moment, where, event_type)]
    fixed = tuple(part for part in parts if part.is_static)
    return SplitWhere(fixed, tuple(part for part in parts if not part.is_static))


def where_sql(
    moment: Moment, where: Where | AttributeCondition, event_type: EventTypeFacts
) -> Fragment:
    """The truth about the event that the alias `e` stands for."""
    if isinstance(where, AttributeCondition):
        value = values.attribute_value(moment, where.attribute, where.check.type, event_type)
        return compare(moment, where.check, value)
    return COMBINED[where.match]([where_sql(moment, child, event_type) for child in where.children])


def asks_more(where: Where | AttributeCondition | None, event_type: EventTypeFacts) -> bool:
    """Whether it takes more of an event than its value to tell, or something of the contact's."""
    if where is None:
        return False
    if isinstance(where, Where):
        return any(asks_more(child, event_type) for child in where.children)
    return (
        where.attribute != event_type.value_attribute
        or where.check.type != FieldType.NUMBER
        or asks_contact(where)
    )
