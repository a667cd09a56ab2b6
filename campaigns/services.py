"""Writes about campaigns: made, changed, copied, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from campaigns.auditing import note
from campaigns.channels.models import OutboxMessage
from campaigns.checks import MOST_TARGETS, NAME_LENGTH, check
from campaigns.content import EMPTY
from campaigns.difference import State, difference
from campaigns.models import Campaign, CampaignChange, CampaignTarget
from campaigns.selectors import COUNTED
from campaigns.targeted import hold_segments
from campaigns.tracking.models import ShortLink
from contacts.problems import Conflict, Problem, Refused
from segmentflow import tallies
from segmentflow.api.bodies import is_unstorable
from segmentflow.models import User
from segments.models import Segment

FIELDS: Final = (
    "name",
    "channel",
    "kind",
    "starts_at",
    "is_local",
    "delay_minutes",
    "again_days",
    "holdout_percent",
    "ignores_cap",
    "ignores_quiet_hours",
    "content",
)
TARGETS: Final = ("include", "exclude")
"""Lists of keys of segments."""
CHANGEABLE: Final = frozenset({*FIELDS, *TARGETS})

Status = Campaign.Status


class Stale(Exception):
    """The campaign was changed since the asker last saw it."""

    def __init__(
        self,
        *,
        campaign: Campaign,
        changes: Sequence[CampaignChange] = (),
        yours: Sequence[str] = (),
    ) -> None:
        self.campaign = campaign
        """As it is now."""
        self.changes = changes
        """What made it so since then, oldest first; each with `by`, `at` and `words`."""
        self.yours = yours
        """In words, what was asked for and not stored."""
        super().__init__(f"campaign {campaign.pk} is at revision {campaign.revision}")


@transaction.atomic
def create_campaign(
    *,
    name: str,
    channel: str,
    include: Iterable[Segment] = (),
    by: User | None,
    now: datetime,
) -> Campaign:
    """A draft, for the members of these segments. Raises Refused."""
    check({"name": name, "channel": channel})
    campaign = Campaign.objects.create(
        name=name.strip(), channel=channel, content=EMPTY[channel], owner=by
    )
    segments = list(include)
    hold_segments(segment.pk for segment in segments)
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign=campaign, segment=segment) for segment in segments
    )
    note("created", campaign, said=channel, now=now)
    return campaign


@transaction.atomic
def change_campaign(
    *,
    campaign: Campaign,
    revision: int,
    changes: Mapping[str, Any],
    by: User | None,
    now: datetime,
) -> Campaign:
    """Store other values of a draft: fields, and targets as lists of keys of segments.

    Raises Stale when somebody was faster, Refused with what makes no sense, and Conflict
    once it has started. What is the same as before is no change.
    """
    if unknown := changes.keys() - CHANGEABLE:
        raise ValueError(f"not to be changed here: {', '.join(sorted(unknown))}")
    check(changes)
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    before = state_of(held)
    after = _after(before, changes)
    words = difference(before, after)
    if before == after:
        return held
    if held.revision != revision:
        raise Stale(campaign=held, changes=changes_since(held, revision), yours=words)
    if held.status != Status.DRAFT:
        raise Conflict("This campaign has started, so it cannot be changed any more.")
    _store(held, before, after)
    CampaignChange.objects.create(campaign=held, revision=held.revision, by=by, at=now, words=words)
    note("changed", held, said="; ".join(words), now=now)
    return held


def set_targets(
    *,
    campaign: Campaign,
    revision: int,
    include: Iterable[str],
    exclude: Iterable[str],
    by: User | None,
    now: datetime,
) -> Campaign:
    """Whom it is for, and for whom it is not: by keys of segments; as change_campaign."""
    return change_campaign(
        campaign=campaign,
        revision=revision,
        changes={"include": list(include), "exclude": list(exclude)},
        by=by,
        now=now,
    )


@transaction.atomic
def duplicate_campaign(*, campaign: Campaign, by: User | None, now: datetime) -> Campaign:
    """A new draft with all that the other one says; as it was frozen, if it has started."""
    copy = Campaign.objects.create(
        **{name: getattr(campaign, name) for name in FIELDS if name not in ("name", "starts_at")},
        name=f"{campaign.name[: NAME_LENGTH - len(' (copy)')]} (copy)",
        starts_at=campaign.starts_at if campaign.status == Status.DRAFT else None,
        contents_aside=campaign.contents_aside,
        owner=by,
    )
    targets = list(campaign.targets.order_by("pk"))
    hold_segments(target.segment_id for target in targets)
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign=copy, segment_id=target.segment_id, excludes=target.excludes)
        for target in targets
    )
    note("created", copy, said=f"a copy of “{campaign.name}”", now=now)
    return copy


DELETABLE: Final = (Status.DRAFT, Status.DONE, Status.CANCELLED)


def refusal_of_deleting(campaign: Campaign) -> str:
    """Why it cannot be deleted now; empty when it can."""
    if campaign.status in DELETABLE:
        return ""
    return f"“{campaign.name}” has started and has not ended. Cancel it first."


@transaction.atomic
def delete_campaign(*, campaign: Campaign) -> None:
    """Forget a draft, or one that has ended, with its messages. Raises Conflict for others."""
    held = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if held is None:
        return
    if said := refusal_of_deleting(held):
        raise Conflict(said)
    number = held.pk
    for model in (ShortLink, OutboxMessage):
        model.objects.filter(campaign_id=number).delete()
    note("deleted", held)
    held.delete()
    for subject in COUNTED:
        tallies.forget(subject, number)


def state_of(campaign: Campaign) -> dict[str, Any]:
    """All that can be changed, as difference.py tells it."""
    targets = campaign.targets.select_related("segment").order_by("pk")
    found: dict[str, Any] = {name: getattr(campaign, name) for name in FIELDS}
    found |= {name: {} for name in TARGETS}
    for target in targets:
        found[TARGETS[target.excludes]][target.segment.key] = target.segment.name
    return found


def changes_since(campaign: Campaign, revision: int) -> list[CampaignChange]:
    """What others, or the same person elsewhere, did after the revision; oldest first."""
    newer = CampaignChange.objects.filter(campaign=campaign, revision__gt=revision)
    return list(newer.select_related("by").order_by("revision"))


def _after(before: State, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The state that is asked for. Raises Refused for segments that are not there."""
    after = dict(before) | {name: value for name, value in changes.items() if name in FIELDS}
    if "name" in changes:
        after["name"] = changes["name"].strip()
    for name in TARGETS:
        if name in changes:
            after[name] = _named(name, changes[name])
    if both := after["include"].keys() & after["exclude"].keys():
        said = f"“{after['include'][min(both)]}” cannot be included and excluded at once."
        raise Refused([Problem("exclude", "both", said)])
    if len(after["include"]) + len(after["exclude"]) > MOST_TARGETS:
        said = f"A campaign has at most {MOST_TARGETS} segments."
        raise Refused([Problem("include", "too_many", said)])
    return after


def _named(path: str, keys: Iterable[str]) -> dict[str, str]:
    wanted = list(dict.fromkeys(key for key in keys if not is_unstorable(key)))
    found = dict(Segment.objects.filter(key__in=wanted).values_list("key", "name"))
    if missing := [key for key in wanted if key not in found]:
        raise Refused([Problem(path, "unknown", f"There is no segment “{missing[0]}” any more.")])
    return {key: found[key] for key in wanted}


def _store(held: Campaign, before: State, after: State) -> None:
    if before["channel"] != after["channel"]:
        held.contents_aside = held.contents_aside | {before["channel"]: before["content"]}
        if before["content"] == after["content"]:
            fresh = held.contents_aside.get(after["channel"]) or EMPTY[after["channel"]]
            after = {**after, "content": fresh}
    for name in FIELDS:
        setattr(held, name, after[name])
    held.revision += 1
    held.save()
    if any(before[name] != after[name] for name in TARGETS):
        _store_targets(held, after)


def _store_targets(held: Campaign, after: State) -> None:
    """Those that stay keep their row, and their order."""
    wanted = dict.fromkeys(after["include"], False) | dict.fromkeys(after["exclude"], True)
    stored = {target.segment.key: target for target in held.targets.select_related("segment")}
    gone = [target.pk for key, target in stored.items() if wanted.get(key) is not target.excludes]
    held.targets.filter(pk__in=gone).delete()
    new = [key for key in wanted if key not in stored or stored[key].pk in gone]
    ids = dict(Segment.objects.filter(key__in=new).values_list("key", "pk"))
    if len(ids) < len(new):
        raise Conflict("A segment of this campaign was deleted meanwhile.")
    hold_segments(ids.values())
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign=held, segment_id=ids[key], excludes=wanted[key]) for key in new
    )
