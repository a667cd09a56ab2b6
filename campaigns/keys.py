"""What names a message everywhere: whose, of which campaign, on which occasion."""

from __future__ import annotations

from typing import NamedTuple


class MessageKey(NamedTuple):
    contact_id: int
    campaign_id: int
    occasion: int
