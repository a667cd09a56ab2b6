"""Reads about campaigns: lists of them, what they are for, and how far they have come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from campaigns.models import Campaign, CampaignTarget
from segmentflow.models import TallySubject
from segmentflow.tallies import totals

ENDED: Final = (Campaign.Status.DONE, Campaign.Status.CANCELLED)

COUNTED: Final = {
    TallySubject.SENT: "sent",
    TallySubject.OPENED: "opened",
    TallySubject.CLICKED: "clicked",
    TallySubject.UNSUBSCRIBED: "unsubscribed",
}
COLUMNS: Final[dict[str, F | Lower]] = {"name": Lower("name"), "changed": F("updated_at")}
SORTS: Final = tuple(order for name in (*COLUMNS, "sent") for order in (name, f"-{name}"))
USUAL_SORT: Final = "-changed"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What became of a campaign's messages; those of contacts that were erased are gone."""

    sent: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign as lists show it."""

    campaign: Campaign
    included: list[CampaignTarget] = field(default_factory=list)
    excluded: list[CampaignTarget] = field(default_factory=list)
    numbers: Numbers = Numbers()


def campaigns_found(*, search: str = "", status: str = "", channel: str = "") -> QuerySet[Campaign]:
    """Those whose name, or the name of a segment they are for, has these words."""
    found = Campaign.objects.all()
    if status:
        found = found.filter(status=status)
    if channel:
        found = found.filter(channel=channel)
    if search:
        targeting = CampaignTarget.objects.filter(segment__name__icontains=search)
        anywhere = Q(name__icontains=search) | Q(pk__in=targeting.values("campaign"))
        found = found.filter(anywhere)
    return found


def ids_in_order(*, search: str, status: str, channel: str, sort: str) -> Sequence[int]:
    """There are some thousand campaigns at most, so that their ids may all be read."""
    found = campaigns_found(search=search, status=status, channel=channel)
    name, descends = sort.removeprefix("-"), sort.startswith("-")
    column = COLUMNS.get(name, COLUMNS["changed"])
    order = column.desc() if descends or name not in COLUMNS else column.asc()
    ids = list(found.order_by(order, "-pk").values_list("pk", flat=True))
    if name in COLUMNS:
        return ids
    sent = totals(TallySubject.SENT)
    return sorted(ids, key=lambda pk: sent.get(pk, 0), reverse=descends)


def rows(ids: Iterable[int]) -> list[Row]:
    """In the same order, with a number of queries that does not depend on how many."""
    wanted = list(ids)
    found = Campaign.objects.select_related("owner").in_bulk(wanted)
    targets = targets_of(wanted)
    numbers = numbers_of(wanted)
    return [
        Row(found[pk], *targets.get(pk, ([], [])), numbers.get(pk, Numbers()))
        for pk in wanted
        if pk in found
    ]


def row_of(campaign: Campaign) -> Row:
    pk = campaign.pk
    targets = targets_of([pk]).get(pk, ([], []))
    return Row(campaign, *targets, numbers_of([pk]).get(pk, Numbers()))


def recent(*, limit: int) -> list[Row]:
    """Those that somebody worked on or that sent last."""
    return rows(
        Campaign.objects.order_by("-updated_at", "-pk").values_list("pk", flat=True)[:limit]
    )


def targets_of(
    ids: Collection[int],
) -> Mapping[int, tuple[list[CampaignTarget], list[CampaignTarget]]]:
    """By campaign, the included and the excluded ones, each with its segment and version."""
    found: dict[int, tuple[list[CampaignTarget], list[CampaignTarget]]] = {}
    targets = CampaignTarget.objects.filter(campaign__in=ids).select_related("segment", "version")
    for target in targets.order_by("pk"):
        found.setdefault(target.campaign_id, ([], []))[target.excludes].append(target)
    return found


def numbers_of(ids: Collection[int]) -> dict[int, Numbers]:
    """By campaign, from what is counted as it happens; those that sent nothing may be missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ref, subject, sum(amount)::bigint
            FROM (
                SELECT ref, subject, amount FROM segmentflow_total
                WHERE subject = ANY(%(subjects)s) AND ref = ANY(%(ids)s)
                UNION ALL
                SELECT ref, subject, amount FROM segmentflow_freshtally
                WHERE subject = ANY(%(subjects)s) AND ref = ANY(%(ids)s)
            ) AS counted
            GROUP BY ref, subject
            """,
            {"subjects": [int(subject) for subject in COUNTED], "ids": list(ids)},
        )
        found: dict[int, dict[str, int]] = {}
        for ref, subject, amount in cursor.fetchall():
            found.setdefault(ref, {})[COUNTED[TallySubject(subject)]] = amount
    return {ref: Numbers(**numbers) for ref, numbers in found.items()}
