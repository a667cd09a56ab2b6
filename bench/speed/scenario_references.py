"""A segment that refers to five others, one of which gets another definition.

What has to travel to the one that refers are the contacts that the edit moved. Measured from
the moment the edited segment has its new members: its own rebuild looks at everybody anyway, for its
definition is a new one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered
from bench.speed.making import definition, event, last, segments
from bench.speed.rows import Rows
from bench.speed.stage import Site, Stage
from bench.speed.waiting import is_settled, wait_until, wait_until_settled

if TYPE_CHECKING:
    from segments.models import Segment

CHANGED = (100, 1_000, 10_000)
FIELD = "Purchase_value_12m"
THRESHOLD = 500
EDITED, REFERRING = "bench-ref-edited", "bench-ref-all"
BAR = 0.25
"""A hundredth of the changes costs at most so much: what each change costs, and little for nothing."""
SIZE_BAR = 1.25
CHECKED = 20_000
LOOKS = 0.005


@dataclass(frozen=True)
class Edit:
    """One edit, followed to its end."""

    seconds: float
    following: float
    """Of them, after the edited segment had its new members."""
    cpu: float
    """Seconds of all processes in that time."""
    changed: int
    """Contacts that entered or left the edited segment."""
    changed_following: int
    excess: int
    """Rows written to memberships and transitions of both segments beyond the differences."""
    evaluated: int
    """Contacts whose answers rebuilds of the referring segment have computed."""


def run(stage: Stage) -> list[Finding]:
    gathered = Gathered("references")
    small: list[Edit] = []
    with stage.on("small") as site, segments(_wanted()):
        for _ in range(stage.runs):
            edits = [_edited(site, _scaled(number, stage)) for number in CHANGED]
            small.append(edits[1])
            _add_small(gathered, edits)
        _add_mistakes(gathered, site)
    with stage.on("full") as site, segments(_wanted()):
        for less in small:
            _add_full(gathered, _edited(site, _scaled(CHANGED[1], stage)), less)
        _add_mistakes(gathered, site)
    return gathered.findings()


def _scaled(number: int, stage: Stage) -> int:
    return max(2, int(number * stage.scale))


def _wanted() -> dict[str, Any]:
    """Five segments of several kinds, and the one that refers to them."""
    year = last(365, "day")
    consent = {"kind": "field", "field": "Marketing_consent", "operator": "is_true"}
    referred = {
        EDITED: definition(_more_than(THRESHOLD)),
        "bench-ref-2": definition(event("Purchase", window=year)),
        "bench-ref-3": definition(event("MailOpen", window=last(90, "day"))),
        "bench-ref-4": definition(consent),
        "bench-ref-5": definition(event("Unsubscribe", window=last(30, "day"))),
    }
    *_, last_one = referred
    some = [_member_of(key) for key in referred if key not in (EDITED, last_one)]
    whole = definition(
        _member_of(EDITED), definition(*some, match="any"), _member_of(last_one, member=False)
    )
    return referred | {REFERRING: whole}


def _member_of(key: str, *, member: bool = True) -> dict[str, Any]:
    return {"kind": "segment", "segment": key, "member": member}


def _more_than(value: float) -> dict[str, Any]:
    return {"kind": "field", "field": FIELD, "operator": "greater_than", "value": value}


def _edited(site: Site, number: int) -> Edit:
    """An edit by which so many leave; it is taken back afterwards."""
    found = _publish(site, _threshold_for(number))
    _publish(site, THRESHOLD)
    return found


def _threshold_for(number: int) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (attributes ->> %(field)s)::float8 AS value FROM contacts_contact
            WHERE (attributes ->> %(field)s)::float8 > %(threshold)s
            ORDER BY value LIMIT 1 OFFSET %(number)s - 1
            """,
            {"field": FIELD, "threshold": THRESHOLD, "number": number},
        )
        row = cursor.fetchone()
        if row is None:
            raise SystemExit(f"Fewer than {number} contacts have {FIELD} above {THRESHOLD}.")
        return float(row[0])


def _publish(site: Site, threshold: float) -> Edit:
    """By the running installation, as if somebody had published it from the builder."""
    from segmentflow.clock import current_time
    from segments.models import Segment
    from segments.services import update_segment

    edited = Segment.objects.get(key=EDITED)
    referring = Segment.objects.get(key=REFERRING)
    wait_until_settled()
    given = definition(_more_than(threshold))
    with Rows([edited.pk, referring.pk]) as rows:
        begun = time.perf_counter()
        update_segment(segment=edited, definition=given, author=None, now=current_time())
        _wait_until_swapped(edited)
        swapped, before = time.perf_counter(), site.processes.cpu().total()
        wait_until(_is_followed, what="what refers to it", pause=LOOKS)
        ended, after = time.perf_counter(), site.processes.cpu().total()
        written = rows.written()
    return Edit(
        seconds=ended - begun,
        following=ended - swapped,
        cpu=after - before,
        changed=written[edited.pk].differences,
        changed_following=written[referring.pk].differences,
        excess=sum(one.excess for one in written.values()),
        evaluated=_evaluated(referring, since=rows.newest_rebuild),
    )


def _wait_until_swapped(edited: Segment) -> None:
    from segments.models import Rebuild

    building = Rebuild.objects.filter(segment=edited, state=Rebuild.State.BUILDING)
    wait_until(lambda: not building.exists(), what="the edited segment", pause=LOOKS)


def _is_followed() -> bool:
    from segments.models import Rebuild

    return not Rebuild.objects.filter(state=Rebuild.State.BUILDING).exists() and is_settled()


def _evaluated(segment: Segment, *, since: int) -> int:
    rebuilds = segment.rebuilds.filter(pk__gt=since)
    return sum(rebuilds.values_list("done", flat=True))


def _add_small(gathered: Gathered, edits: list[Edit]) -> None:
    for number, edit in zip(CHANGED, edits, strict=True):
        said = f"{number:,} (× scale) changed"
        note = f"{edit.changed:,} moved, {edit.changed_following:,} of them where it is referred to"
        gathered.add(f"{said}: publishing to settled", edit.seconds, "s", better="less", note=note)
        gathered.add(f"{said}: of it, following", edit.following, "s", better="less")
        gathered.add(f"{said}: processors' time of following", edit.cpu, "s", better="less")
        each = 1000 * edit.cpu / max(1, edit.changed)
        gathered.add(f"{said}: of it, for each", each, "ms", better="less")
        gathered.add(
            f"{said}: contacts rebuilt where it is referred to",
            float(edit.evaluated),
            "contacts",
            better="less",
        )
    gathered.add(
        "rows written beyond the differences",
        float(sum(edit.excess for edit in edits)),
        "rows",
        bar=0,
        better="less",
        note="memberships and transitions",
    )
    name = f"following {CHANGED[0]:,} changes against {CHANGED[-1]:,}"
    note = "a hundredth of the changes; 1 would say that what changed does not matter"
    ratio = edits[0].cpu / max(edits[-1].cpu, 0.01)
    gathered.add(name, ratio, "×", bar=BAR, better="less", note=note)


def _add_full(gathered: Gathered, edit: Edit, less: Edit) -> None:
    said = f"{CHANGED[1]:,} (× scale) changed, 10 × the contacts"
    gathered.add(f"{said}: publishing to settled", edit.seconds, "s", better="less")
    gathered.add(f"{said}: of it, following", edit.following, "s", better="less")
    gathered.add(f"{said}: processors' time of following", edit.cpu, "s", better="less")
    gathered.add(
        "following the same changes among 10 × the contacts",
        edit.cpu / max(less.cpu, 0.01),
        "×",
        bar=SIZE_BAR,
        better="less",
    )


def _add_mistakes(gathered: Gathered, site: Site) -> None:
    step = max(1, site.contacts // CHECKED)
    some = range(site.first_contact_id, site.first_contact_id + site.contacts, step)
    note = f"of {len(some):,} contacts, {site.name}"
    mistakes = float(check(site, contacts=list(some)))
    gathered.add(f"mistakes, {site.name}", mistakes, "", bar=0, better="less", note=note)
