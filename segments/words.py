"""What stored data about segments says in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from segmentflow.clock import workspace_zone


def why(cause: Mapping[str, Any]) -> str:
    """Because of what a contact entered or left; see Transition.cause."""
    match cause.get("kind"):
        case "event":
            return f"{cause['type']}{_on(cause.get('occurred_at'))}"
        case "field":
            return f"{cause['field']} changed"
        case "created":
            return "New contact"
        case "time":
            return "Time passed"
        case "definition":
            return f"Definition v{cause['version']}"
        case "segment":
            return f"Segment {cause['segment']} changed"
        case "manual":
            return "By hand"
        case _:
            return ""


def _on(occurred_at: str | None) -> str:
    if not occurred_at:
        return ""
    moment = datetime.fromisoformat(occurred_at).astimezone(workspace_zone())
    return f" on {moment.day} {moment:%b %Y}"
