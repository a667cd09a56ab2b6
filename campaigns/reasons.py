"""Why somebody whom a campaign is for gets no message. Everybody has exactly one reason, or none."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """In this order: the first that holds is the one."""

    EXCLUDED = "excluded"
    NOT_CONSENTED = "not_consented"
    UNSUBSCRIBED = "unsubscribed"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ALREADY = "already"
    CAPPED = "capped"
    HELD_OUT = "held_out"
    # Only after the start.
    LEFT = "left"
    STOPPED = "stopped"


LABELS: Final[dict[Reason, str]] = {
    Reason.EXCLUDED: "In an excluded segment",
    Reason.NOT_CONSENTED: "Never consented",
    Reason.UNSUBSCRIBED: "Unsubscribed",
    Reason.NO_ADDRESS: "No address",
    Reason.BAD_ADDRESS: "Address is not valid",
    Reason.BOUNCED: "Address bounced",
    Reason.COMPLAINED: "Complained before",
    Reason.ALREADY: "Has had this message",
    Reason.CAPPED: "Frequency cap",
    Reason.HELD_OUT: "Hold-out",
    Reason.LEFT: "Left the segment first",
    Reason.STOPPED: "Campaign was cancelled",
}
