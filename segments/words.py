"""What stored data about segments says in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from segments.conditions.catalog import Labels

NO_LABELS = Labels()
ALWAYS_THE_SAME = {
    "created": "New contact",
    "time": "Time passed",
    "repair": "Computed anew",
    "manual": "By hand",
}


def why(cause: Mapping[str, Any], labels: Labels = NO_LABELS) -> str:
    """Because of what a contact entered or left; see Transition.cause.

    Without labels, what it names is told by its key, and instants in UTC.
    """
    match cause.get("kind"):
        case "event":
            return f"{labels.event_type(cause['type'])}{_on(cause.get('occurred_at'), labels.zone)}"
        case "field":
            return f"{labels.field(cause['field'])} changed"
        case "erased":
            return f"Old events of {labels.event_type(cause['type'])} were erased"
        case "definition":
            return f"Definition v{cause['version']}"
        case "segment":
            return f"Segment {labels.segment(cause['segment'])} changed"
        case "zone":
            return f"Time zone set to {cause['zone']}"
        case kind:
            return ALWAYS_THE_SAME.get(kind or "", "")


def _on(occurred_at: str | None, zone: ZoneInfo) -> str:
    if not occurred_at:
        return ""
    moment = datetime.fromisoformat(occurred_at).astimezone(zone)
    return f" on {moment.day} {moment:%b %Y}"
