"""Sending with what the other parts of this app have for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.audience.judging import judge
from campaigns.channels.handing import Carrier, Outbound
from campaigns.channels.ways import adapter_of, carrier_for, way_of
from campaigns.composing import CannotCompose, Composer, Order
from campaigns.delivery.claiming import Claimed
from campaigns.delivery.outside import Compose, Outside
from campaigns.delivery.quiet import allowed_at
from campaigns.delivery.starting import freeze_recipients
from campaigns.facts import people_facts
from campaigns.models import Campaign
from campaigns.tracking.links import TrackedLinks


@dataclass(frozen=True, slots=True)
class FrozenWay:
    """How messages left when the campaign was started."""

    config: Mapping[str, Any]


def real_outside() -> Outside:
    return Outside(
        judge=lambda campaign, ids, now: judge(campaign=campaign, contact_ids=ids, now=now),
        allowed_at=lambda campaign, ids, now: allowed_at(
            campaign=campaign, contact_ids=ids, now=now
        ),
        composer=_composer,
        carrier=_carrier,
        per_second=lambda channel: way_of(channel).per_second,
        at_once=_at_once,
        begin=_begin,
    )


def _begin(campaign: Campaign, now: datetime) -> None:
    freeze_recipients(campaign=campaign, now=now)


def _at_once(channel: str) -> int:
    adapter = adapter_of(way_of(channel))
    return adapter.at_once if adapter else 1


def _carrier(channel: str, clock: Callable[[], datetime]) -> Carrier:
    return carrier_for(channel, way=way_of(channel), clock=clock)


def _composer(campaign: Campaign, now: datetime) -> Compose:
    frozen = campaign.frozen or {}
    composer = Composer(
        campaign=campaign,
        content=frozen.get("content") or campaign.content,
        way=FrozenWay((frozen.get("way") or {}).get("config") or {}),
        now=now,
        links=TrackedLinks(),
    )

    def compose(claimed: Sequence[Claimed]) -> Sequence[Outbound | CannotCompose]:
        facts = people_facts([one.key.contact_id for one in claimed], channel=campaign.channel)
        there = [one for one in claimed if one.key.contact_id in facts]
        made = composer.compose_many(
            [Order(facts[one.key.contact_id], one.key, one.context, one.address) for one in there]
        )
        by_key = dict(zip((one.key for one in there), made, strict=True))
        gone = CannotCompose("The contact was erased.")
        return [by_key.get(one.key, gone) for one in claimed]

    return compose
