"""What sending needs from others, in one place: who may have a message, how it is made, who takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from campaigns.channels.handing import Carrier, Outbound
from campaigns.composing import CannotCompose
from campaigns.models import Campaign
from campaigns.reasons import Reason

if TYPE_CHECKING:
    from campaigns.delivery.claiming import Claimed


class Verdict(Protocol):
    """As campaigns.audience.judging answers it."""

    @property
    def reason(self) -> Reason | None:
        """Why nothing is sent; None: it is."""

    @property
    def address(self) -> str: ...


Compose = Callable[[Sequence["Claimed"]], Sequence[Outbound | CannotCompose]]
"""In their order."""


@dataclass(frozen=True, slots=True)
class Outside:
    judge: Callable[[Campaign, Sequence[int], datetime], Mapping[int, Verdict]]
    """Of contacts, who may have a message now."""
    allowed_at: Callable[[Campaign, Sequence[int], datetime], Mapping[int, datetime]]
    """Of contacts, when quiet hours let a message through; the same instant when they do now."""
    composer: Callable[[Campaign, datetime], Compose]
    """Raises CannotCompose when the content is broken for everybody."""
    carrier: Callable[[str, Callable[[], datetime]], Carrier]
    """Of a channel. Raises Refused when nothing can be sent by it."""
    per_second: Callable[[str], int | None]
    """The throttle of a channel."""
    at_once: Callable[[str], int]
    """How many messages of a channel may be on their way at the same time."""
    begin: Callable[[Campaign, datetime], None]
    """Freeze the recipients of a campaign whose time has come, and have it sending."""
