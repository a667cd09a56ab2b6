"""How messages of each channel leave: who delivers them now, and changing that.

To add an adapter, give its module ADAPTERS and name it in `_MODULES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from campaigns.channels import anymail, gateway, mail, messageflow, outbox, push, push_http, twilio
from campaigns.channels.adapters import OUTBOX, Adapter, Clock, Field, WayFacts
from campaigns.channels.checking import cleaned, required
from campaigns.channels.environment import read_email_url
from campaigns.channels.handing import Carrier
from campaigns.channels.models import Way
from campaigns.channels.secrets import Unreadable, seal, unseal
from contacts.models import Channel
from contacts.problems import Problem, Refused
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record

__all__ = ["OUTBOX", "Adapter", "Field", "WayFacts"]

_MODULES: Final = (outbox, mail, anymail, twilio, messageflow, gateway, push, push_http)

ADAPTERS: Final[Mapping[tuple[str, str], Adapter]] = {
    (adapter.channel, adapter.name): adapter for module in _MODULES for adapter in module.ADAPTERS
}

CHANNEL_FIELDS: Final[Mapping[str, Sequence[Field]]] = {
    Channel.EMAIL.value: (
        Field("sender_name", "Sender’s name", longest=100, help="What mail programs show."),
        Field("sender_address", "Sender’s address", kind="email", is_required=True),
        Field("reply_to", "Answers go to", kind="email", help="Empty: to the sender."),
        Field(
            "postal_address",
            "Postal address",
            kind="multiline",
            help="At the foot of every email; many countries require it of those who advertise.",
        ),
    ),
    Channel.SMS.value: (
        Field(
            "sender",
            "Sender",
            longest=20,
            help="A number, or a name of up to 11 letters and digits, as your provider allows.",
        ),
        Field(
            "country_code",
            "Country code",
            kind="digits",
            longest=4,
            help="For phone numbers that are stored without one, such as 48. Empty: those get nothing.",
        ),
    ),
    Channel.PUSH.value: (),
}
"""What a channel needs whoever delivers."""

WAITED: Final = 8.0
"""The patience of tests: a web thread waits for them."""
MOST_PER_SECOND: Final = 10_000
ENTER_AGAIN: Final = (
    "The stored password cannot be read, because SECRET_KEY is another one now. Enter it again."
)


def adapters_for(channel: str) -> list[Adapter]:
    return [adapter for adapter in ADAPTERS.values() if adapter.channel == channel]


def adapter_of(way: WayFacts) -> Adapter | None:
    """None: what is stored names one that this version does not have."""
    return ADAPTERS.get((way.channel, way.adapter))


def way_of(channel: str) -> WayFacts:
    """As it is now; a channel for which nothing was set delivers into the outbox."""
    row = Way.objects.filter(pk=channel).first()
    stored = WayFacts(channel) if row is None else _facts(row)
    if channel != Channel.EMAIL or not settings.EMAIL_URL:
        return stored
    server = read_email_url(settings.EMAIL_URL)
    own = {one.key for one in CHANNEL_FIELDS[channel]}
    return WayFacts(
        channel=channel,
        adapter="smtp",
        config={key: value for key, value in stored.config.items() if key in own} | server.config,
        per_second=stored.per_second,
        is_from_environment=True,
        given=server.secrets,
        fault=server.fault,
    )


def _facts(row: Way) -> WayFacts:
    return WayFacts(row.channel, row.adapter, row.config, row.secrets, row.per_second)


def frozen_way(way: WayFacts) -> dict[str, Any]:
    """What a campaign that starts keeps of it (Campaign.frozen): never a secret."""
    return {"adapter": way.adapter, "config": dict(way.config), "per_second": way.per_second}


def carrier_for(
    channel: str, *, way: WayFacts, clock: Clock, patience: float | None = None
) -> Carrier:
    """Raises Refused with what is wrong, if something is; nothing is sent then. `patience` is for
    those who sit before it and wait."""
    if problems := way_problems(channel, way=way):
        raise Refused(problems)
    return ADAPTERS[channel, way.adapter].open(replace(way, patience=patience), clock)


def way_problems(channel: str, *, way: WayFacts | None = None) -> list[Problem]:
    """Everything that keeps messages of the channel from being sent; path: the field's key."""
    way = way or way_of(channel)
    adapter = adapter_of(way)
    if way.fault:
        return [Problem("", "environment", way.fault)]
    if adapter is None:
        return [Problem("adapter", "unknown", f"Nothing here is called {way.adapter}.")]
    problems: list[Problem] = []
    if not way.is_outbox:
        problems += required(CHANNEL_FIELDS[channel], way.config)
    if not way.is_readable:
        secret = next(iter(adapter.secret_keys), "")
        return [*problems, Problem(secret, "unreadable", ENTER_AGAIN)]
    problems += required(adapter.fields, {**way.config, **way.secrets})
    return problems or list(adapter.problems(way))


@transaction.atomic
def set_way(
    *,
    channel: str,
    adapter: str,
    raw: Mapping[str, str],
    now: datetime,
    by_environment: bool = False,
) -> WayFacts:
    """Change who delivers; `raw` has the fields of the channel and of the adapter, and per_second.

    An empty secret keeps the one that is stored for the same adapter; `forget_<key>` drops it.
    With `by_environment` only what belongs to the channel is stored. Raises Refused.
    """
    stored = WayFacts(channel)
    if row := Way.objects.select_for_update().filter(pk=channel).first():
        stored = _facts(row)
    chosen = OUTBOX if by_environment else adapter
    way, problems = judged_way(channel=channel, adapter=chosen, raw=raw, stored=stored)
    if problems:
        raise Refused(problems)
    if by_environment:
        rest = {key: value for key, value in stored.config.items() if key not in _own_keys(channel)}
        own = {key: value for key, value in way.config.items() if key in _own_keys(channel)}
        way = WayFacts(channel, stored.adapter, rest | own, stored.sealed, way.per_second)
    Way.objects.update_or_create(
        channel=channel,
        defaults={
            "adapter": way.adapter,
            "config": dict(way.config),
            "secrets": way.sealed,
            "per_second": way.per_second,
        },
    )
    _note(stored, way, now=now)
    return way


def _note(before: WayFacts, after: WayFacts, *, now: datetime) -> None:
    """For the audit log: of secrets, which were set, changed or dropped."""
    changes = differences(_told(before), _told(after), secret=_secret_names(before, after))
    if changes:
        channel = after.channel
        name = Channel(channel).label
        record(action="changed", kind="way", key=channel, name=name, changes=changes, now=now)


def _told(way: WayFacts) -> dict[str, Any]:
    secrets = dict(way.secrets) if way.is_readable else {}
    own = {"delivered by": way.adapter, "per_second": way.per_second}
    return {**own, **way.config, **secrets}


def _secret_names(*ways: WayFacts) -> set[str]:
    found = [adapter for way in ways if (adapter := adapter_of(way))]
    return {key for adapter in found for key in adapter.secret_keys}


def _own_keys(channel: str) -> set[str]:
    return {one.key for one in CHANNEL_FIELDS[channel]} | {"per_second"}


def judged_way(
    *, channel: str, adapter: str, raw: Mapping[str, str], stored: WayFacts
) -> tuple[WayFacts, list[Problem]]:
    """What would be stored, and everything that is wrong with it."""
    chosen = ADAPTERS.get((channel, adapter))
    if chosen is None:
        said = "Choose who delivers from the list."
        return WayFacts(channel), [Problem("adapter", "unknown", said)]
    values, problems = cleaned((*CHANNEL_FIELDS[channel], *chosen.fields), raw)
    per_second, wrong = _throttle(raw.get("per_second", ""))
    problems += wrong
    secrets = {key: values.pop(key) for key in chosen.secret_keys if key in values}
    kept = _kept_secrets(chosen, stored, raw)
    way = WayFacts(channel, adapter, values, seal(kept | secrets), per_second)
    if not problems:
        problems += way_problems(channel, way=way)
    return way, problems


def _kept_secrets(adapter: Adapter, stored: WayFacts, raw: Mapping[str, str]) -> dict[str, str]:
    if stored.adapter != adapter.name:
        return {}
    try:
        secrets = unseal(stored.sealed)
    except Unreadable:
        return {}
    return {
        key: value
        for key, value in secrets.items()
        if key in adapter.secret_keys and not raw.get(f"forget_{key}")
    }


def _throttle(text: str) -> tuple[int | None, list[Problem]]:
    text = text.strip()
    if not text:
        return None, []
    if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= MOST_PER_SECOND:
        return int(text), []
    said = f"Write a whole number from 1 to {MOST_PER_SECOND:,}, or nothing."
    return None, [Problem("per_second", "wrong_number", said)]
