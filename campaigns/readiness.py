"""What keeps a campaign from starting, and what its author should look at first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from campaigns.channels.reachable import address_warning
from campaigns.channels.ways import WayFacts, way_of, way_problems
from campaigns.delivery.planning import time_problem
from campaigns.models import Campaign
from campaigns.rendering.checking import Known
from campaigns.rendering.reviewing import Problem, Review
from campaigns.tracking.short import example
from contacts.built_in import CREATED_AT, SHOWN
from contacts.models import Channel, Field
from contacts.rows import BUILT_IN
from events.models import EventType
from segments.models import Segment

__all__ = ["Problem", "known_names", "problems_of"]

Kind = Campaign.Kind
MOST_TYPES: Final = 1_000


def problems_of(*, campaign: Campaign, now: datetime | None = None) -> list[Problem]:
    """Everything, in the order of the editor's steps; errors keep it from starting.

    Without `now`, a time that has passed is not noticed.
    """
    way = way_of(campaign.channel)
    return [
        *_name(campaign),
        *_channel(campaign, way),
        *_audience(campaign),
        *_content(campaign, way),
        *_when(campaign, now),
    ]


def known_names(campaign: Campaign) -> Known:
    """What the templates of this campaign can name: for checks, and for lists to choose from."""
    types = {field.key: str(field.type) for field in (*SHOWN, CREATED_AT)} | {"id": "number"}
    archived: set[str] = set()
    for key, type_, archived_at in Field.objects.values_list("key", "type", "archived_at"):
        if archived_at:
            archived.add(key)
        else:
            types[key] = type_
    has_event = campaign.kind == Kind.ENTERING
    return Known(
        fields=frozenset({*BUILT_IN, *types}),
        archived=frozenset(archived),
        event=_event_names() if has_event else frozenset(),
        has_event=has_event,
        types=types,
    )


def _event_names() -> frozenset[str]:
    rows = EventType.objects.filter(archived_at=None).values_list("attributes", flat=True)
    paths = (path for attributes in rows[:MOST_TYPES] for path in attributes)
    return frozenset(path.split(".")[0].split("[")[0] for path in paths)


def _name(campaign: Campaign) -> Iterator[Problem]:
    if not campaign.name.strip():
        yield Problem("name", "Give the campaign a name.")


def _channel(campaign: Campaign, way: WayFacts) -> Iterator[Problem]:
    label = Channel(campaign.channel).label
    for one in way_problems(campaign.channel, way=way):
        yield Problem("channel", f"{label} cannot be sent yet. {one.message}")
    if way.is_outbox:
        said = "Messages go to the built-in outbox, where you can read them; nobody receives them."
        yield Problem("channel", said, is_warning=True)
    if said := address_warning(way):
        yield Problem("channel", said, is_warning=True)


def _audience(campaign: Campaign) -> Iterator[Problem]:
    targets = list(campaign.targets.select_related("segment").order_by("pk"))
    included = {one.segment_id for one in targets if not one.excludes}
    if not included:
        yield Problem("audience", "Choose a segment whose members get the message.")
    for one in targets:
        yield from _segment(one.segment, excludes=one.excludes)
        if one.excludes and one.segment_id in included:
            said = f"“{one.segment}” is included and excluded, so nobody in it gets the message."
            yield Problem("audience", said)
    if campaign.holdout_percent >= 100:
        said = "The hold-out takes everybody, so nobody would get the message."
        yield Problem("audience", said)


def _segment(segment: Segment, *, excludes: bool) -> Iterator[Problem]:
    status = Segment.Status
    is_dynamic = segment.kind == Segment.Kind.DYNAMIC
    if segment.status == status.ARCHIVED:
        said = f"“{segment}” is archived. Restore it, or choose another segment."
        yield Problem("audience", said)
    elif is_dynamic and segment.live_version_id is None:
        said = f"“{segment}” has no members yet. Publish it first."
        if segment.status != status.DRAFT:
            said = f"The members of “{segment}” are still being counted. Wait until that is done."
        yield Problem("audience", said)
    elif segment.status == status.PAUSED:
        said = f"“{segment}” is paused, so its members are those of when it was paused."
        yield Problem("audience", said, is_warning=True)
    elif not excludes and segment.member_count == 0:
        yield Problem("audience", f"Nobody is in “{segment}” now.", is_warning=True)


def _content(campaign: Campaign, way: WayFacts) -> Iterator[Problem]:
    review = Review(
        content=campaign.content,
        known=known_names(campaign),
        config=way.config,
        short_link=example(),
    )
    if campaign.channel == Channel.EMAIL:
        yield from review.email()
    elif campaign.channel == Channel.SMS:
        yield from review.sms()
    else:
        yield from review.push()


def _when(campaign: Campaign, now: datetime | None) -> Iterator[Problem]:
    if said := time_problem(campaign=campaign, now=now):
        yield Problem("when", said)
