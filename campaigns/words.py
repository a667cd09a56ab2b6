"""What a campaign does, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone_name, localtime

from campaigns.difference import amount_of
from campaigns.models import Campaign

MESSAGES: Final = {"email": "an email", "sms": "an SMS", "push": "a push message"}
CHANNELS: Final = {"email": "email", "sms": "SMS", "push": "push message"}


def contacts(amount: int) -> str:
    return f"{intcomma(amount)} {'contact' if amount == 1 else 'contacts'}"


def messages_of(amount: int) -> str:
    return f"{intcomma(amount)} {'message' if amount == 1 else 'messages'}"


def either(names: Sequence[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def what_happens(
    *,
    campaign: Campaign,
    included: Sequence[str],
    receiving: int | None = None,
    targeted: int | None = None,
) -> str:
    """ "Sends an email to 1,234 of 2,000 contacts in Inactive VIPs, at once." """
    message, segments = MESSAGES[campaign.channel], either(included)
    if not included:
        return f"Sends {message} to nobody yet: no segment is chosen."
    if campaign.kind == Campaign.Kind.ENTERING:
        return f"Sends {message} to each contact who enters {segments} from the start on{_after(campaign)}."
    if receiving is None or targeted is None:
        people = f"the contacts in {segments}"
    else:
        people = f"{intcomma(receiving)} of {contacts(targeted)} in {segments}"
    return f"Sends {message} to {people}, {when(campaign)}."


def when(campaign: Campaign) -> str:
    if campaign.kind != Campaign.Kind.AT:
        return "at once"
    if campaign.starts_at is None:
        return "at a time that is not chosen yet"
    at = localtime(campaign.starts_at)
    day, clock = date_format(at, "j F Y"), date_format(at, "H:i")
    if campaign.is_local:
        return f"on {day} at {clock} on the clock where each contact is"
    return f"on {day} at {clock} ({get_current_timezone_name()})"


def _after(campaign: Campaign) -> str:
    parts = []
    if campaign.delay_minutes:
        parts.append(f", {amount_of(campaign.delay_minutes)} later if they are still in it")
    days = campaign.again_days
    again = f"at most once in {'a day' if days == 1 else f'{days} days'}" if days else "once ever"
    return "".join([*parts, f", {again}"])
