"""Changes of types in words."""

from __future__ import annotations

from contacts.models import FieldTypes
from contacts.retyping.models import FieldChange

State = FieldChange.State


def type_name(type_: str) -> str:
    return str(FieldTypes(type_).label).lower()


def turned(change: FieldChange) -> str:
    return f"from {type_name(change.before)} to {type_name(change.after)}"


def outcome(change: FieldChange) -> str:
    """What came of it, after its date and its author."""
    if change.state != State.DONE:
        lost = f", except {change.unfit:,} that arrived meanwhile" if change.unfit else ""
        return f"given up; everything is as it was{lost}."
    said = f"{change.fit:,} converted"
    return f"{said}, {change.unfit:,} removed." if change.unfit else f"{said}."
