"""How the newest events of a type are found, by the index event_by_arrival.

To PostgreSQL the index is a partial one, so a statement gets it only by asking for its condition, though
that is true of every event. Nobody else shall: of a type that came after the last ANALYZE the planner believes that there are
hardly any events, and then this index looks as good to it for the events of one contact as the one by
contact. A rebuild that goes through all events of the type for each contact does not end.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No event has been received before."""

ARRIVED: Final = f"received_at > '{LONG_AGO.isoformat()}'"
"""SQL: true of every event; who finds them by type and arrival says so."""
