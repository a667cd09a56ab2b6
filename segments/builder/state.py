"""Where a segment's draft stands: what is stored, and what came from outside the builder since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from segmentflow.models import User
from segments.builder.aligning import aligned, tree_of
from segments.builder.comparing import fingerprint, same
from segments.builder.models import Draft, DraftStep
from segments.conditions.edit import Tree, without_ids
from segments.engine.dependants import newest_version
from segments.models import Segment, SegmentVersion

OUTSIDE = "Changed outside the builder"
JUMPS = 1_000_000


@dataclass(frozen=True, slots=True)
class State:
    segment: Segment
    draft: Draft
    """As stored; a new one when none is."""
    newest: SegmentVersion | None
    outside: Any
    """The definition outside the builder: the one that waits, or else the newest published."""
    step: DraftStep | None
    """The stored step that is shown, or was until something came from outside."""
    tree: Tree
    """What the builder shows."""
    revision: int
    takes_in: bool
    """The tree came from outside; it becomes a step with the next change."""


def read_state(segment: Segment) -> State:
    """Writes nothing and waits for nobody; raises Segment.DoesNotExist."""
    found = Segment.objects.select_related("builder_draft__changed_by").get(pk=segment.pk)
    return _state(found, getattr(found, "builder_draft", None) or Draft(segment=found))


def hold_state(segment: Segment) -> State:
    """The draft is held until the commit, and after it a segment that shows the draft.

    Always in this order, which is also that of a deletion. Raises Segment.DoesNotExist.
    """
    draft = hold_draft(segment)
    found = Segment.objects.get(pk=segment.pk)
    if found.status == Segment.Status.DRAFT:
        found = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk)
    draft.segment = found
    return _state(found, draft)


def hold_draft(segment: Segment) -> Draft:
    """Until the commit nobody else changes it, nor begins it: there is a row from now on."""
    held = Draft.objects.select_for_update(of=("self",)).select_related("changed_by")
    draft = held.filter(segment_id=segment.pk).first()
    if draft is None:
        # One that somebody else makes meanwhile is updated, so that it is held at once.
        Draft.objects.bulk_create(
            [Draft(segment_id=segment.pk)],
            update_conflicts=True,
            unique_fields=["segment"],
            update_fields=["segment"],
        )
        draft = held.get(segment_id=segment.pk)
    return draft


def _state(segment: Segment, draft: Draft) -> State:
    newest = newest_version(segment)
    outside = _outside(segment, newest)
    step = draft.steps.filter(number=draft.position).first() if draft.pk else None
    comes_in = not same(outside, draft.base) and (
        step is None or _gives_way(segment, draft, step.tree)
    )
    if step is None:
        tree = tree_of(outside)
    else:
        tree = aligned(tree_of(outside), step.tree) if comes_in else step.tree
    return State(
        segment=segment,
        draft=draft,
        newest=newest,
        outside=outside,
        step=step,
        tree=tree,
        revision=draft.revision + (_jump(outside) if comes_in else 0),
        takes_in=comes_in,
    )


def _outside(segment: Segment, newest: SegmentVersion | None) -> Any:
    return newest.definition if segment.draft is None and newest else segment.draft


def _gives_way(segment: Segment, draft: Draft, tree: Tree) -> bool:
    """Whether what came from outside is shown instead of the draft.

    A definition that waits is the one that people see everywhere, so the builder shows it
    too. What has just been published elsewhere replaces a draft in which nothing was changed.
    """
    if segment.draft is not None or segment.status == Segment.Status.DRAFT:
        return True
    return draft.base_version is not None and same(without_ids(tree), draft.base)


def _jump(outside: Any) -> int:
    """How far a revision grows by what comes in.

    It depends on the definition, so that whoever saw another one has another revision,
    although nothing was stored when it changed.
    """
    return 1 + crc32(fingerprint(outside)) % JUMPS


def begin(state: State, *, now: datetime) -> DraftStep:
    """The tree that is shown as a stored step; what can be done next builds on it."""
    draft, step = state.draft, state.step
    if step is not None and not state.takes_in:
        return step
    draft.base = state.outside
    draft.base_version = state.newest.number if state.newest else None
    number = 0
    if step is not None:
        number = step.number + 1
        draft.steps.filter(number__gte=number).delete()
    return DraftStep.objects.create(
        draft=draft,
        number=number,
        tree=state.tree,
        label="" if step is None else OUTSIDE,
        at=now,
        revisions=[state.revision],
    )


def forget(state: State, *, person: User, now: datetime) -> None:
    """Keep nothing but a new revision, so that whoever saw what is forgotten finds out."""
    draft, segment = state.draft, Segment.objects.get(pk=state.segment.pk)
    draft.steps.all().delete()
    draft.position = 0
    draft.revision = state.revision + 1
    draft.base = _outside(segment, newest_version(segment))
    draft.base_version = None
    draft.changed_by, draft.changed_at = person, now
    draft.save()
