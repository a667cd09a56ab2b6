"""How one event is found: by its contact and its message id, which are its key.

The index event_once keeps 64 bits of the message id (docs/decisions/0025-half-a-key.md).
"""

from __future__ import annotations


def digest(of: str) -> str:
    """SQL: what the index has of a message id, as the index says it."""
    return f"hashtextextended({of}, 0)"


def is_same(event: str, contact_id: str, message_id: str) -> str:
    """SQL: the row `event` is the one with this key."""
    return f"""{event}.contact_id = {contact_id}
        AND {digest(f"{event}.message_id")} = {digest(message_id)}
        AND {event}.message_id = {message_id}"""
