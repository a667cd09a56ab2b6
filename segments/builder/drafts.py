"""Drafts of the builder: every change is a step on the server that can be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from contacts.problems import Problem, Refused
from segmentflow.exact import ExactEncoder
from segmentflow.models import User
from segments import services
from segments.builder.comparing import same
from segments.builder.models import DraftStep
from segments.builder.opened import Opened, Stale, hold_for, opened
from segments.builder.state import State, begin, forget, read_state
from segments.conditions.edit import Tree, is_group, with_ids, without_ids
from segments.drafts import draft_problem
from segments.models import Segment

__all__ = [
    "Opened",
    "Stale",
    "discard_draft",
    "open_draft",
    "publish_draft",
    "redo",
    "save_step",
    "undo",
]

MOST_STEPS = 200
LARGEST = 1_000_000
"""Bytes of a tree as JSON."""
MERGES = timedelta(seconds=10)
"""What is changed again with shorter pauses is one step."""
MOST_REVISIONS = 100
"""That a step is known by: nobody is further behind while it is undone and redone."""

Status = Segment.Status


def open_draft(*, segment: Segment) -> Opened:
    """Stores nothing and waits for nobody."""
    return opened(read_state(segment))


@transaction.atomic
def save_step(
    *,
    segment: Segment,
    revision: int,
    tree: Tree,
    label: str,
    person: User,
    now: datetime,
    merge_key: str = "",
) -> Opened:
    """Store what was done to the tree; what had been undone can no longer be redone.

    Raises Stale, or Refused for what cannot be stored.
    """
    tree = _storable(tree)
    state = hold_for(segment=segment, revision=revision, person=person)
    if same(tree, state.tree):
        return opened(state)
    newest = begin(state, now=now)
    steps = state.draft.steps
    number = newest.number + 1
    if _merges(newest, merge_key, person, now) and not steps.filter(number=number).exists():
        number = newest.number
    steps.filter(Q(number__gte=number) | Q(number__lte=number - MOST_STEPS)).delete()
    step = DraftStep(
        draft=state.draft,
        number=number,
        tree=tree,
        label=label or "Changed",
        merge_key=merge_key,
        author=person,
        at=now,
    )
    return _shown(state, step, person=person, now=now)


@transaction.atomic
def undo(*, segment: Segment, revision: int, person: User, now: datetime) -> Opened:
    """Show the step before; raises Stale."""
    state = hold_for(segment=segment, revision=revision, person=person)
    if state.step is None:
        return opened(state)
    step = begin(state, now=now)
    before = state.draft.steps.filter(number=step.number - 1).first()
    return _shown(state, before, person=person, now=now) if before else opened(state)


@transaction.atomic
def redo(*, segment: Segment, revision: int, person: User, now: datetime) -> Opened:
    """Show again what was undone last; raises Stale."""
    state = hold_for(segment=segment, revision=revision, person=person)
    if state.step is None or state.takes_in:
        return opened(state)
    behind = state.draft.steps.filter(number=state.step.number + 1).first()
    return _shown(state, behind, person=person, now=now) if behind else opened(state)


@transaction.atomic
def discard_draft(
    *, segment: Segment, person: User, now: datetime, revision: int | None = None
) -> Opened:
    """Forget the draft with its steps: the builder shows what is published, or nothing.

    A definition that waits for a paused segment to resume is left alone, and shown. Raises
    Stale when a revision is given and the draft was changed since.
    """
    state = hold_for(segment=segment, revision=revision, person=person)
    if state.segment.status == Status.DRAFT:
        _show_everywhere(state.segment, None)
    forget(state, person=person, now=now)
    return open_draft(segment=segment)


@transaction.atomic
def publish_draft(*, segment: Segment, revision: int, person: User, now: datetime) -> Segment:
    """Make the draft the definition that members follow, and begin anew from there.

    Raises Stale, Refused, or InvalidDefinition with all the problems of the definition.
    """
    services.hold_definitions()
    state = hold_for(segment=segment, revision=revision, person=person)
    segment = state.segment
    definition = without_ids(state.tree)
    is_new = state.newest is None or not same(definition, state.newest.definition)
    if segment.status == Status.LIVE and not is_new:
        said = "There is nothing to publish: this is the definition that the members follow."
        raise Refused([Problem("", "unchanged", said)])
    # A paused segment goes on with the version it has, unless another one waits.
    resumes = not is_new and segment.draft is None
    segment = services.update_segment(
        segment=segment,
        definition=services.UNSET if resumes else definition,
        status=Status.LIVE,
        author=person,
        now=now,
    )
    forget(state, person=person, now=now)
    return segment


def _storable(tree: Tree) -> Tree:
    problem = draft_problem(tree)
    if problem is None and not is_group(tree):
        problem = Problem("", "not_a_group", "A draft begins with a group.")
    if problem is None and len(ExactEncoder().encode(tree).encode()) > LARGEST:
        said = "This is too large for a segment: its definition would have more than 1 MB."
        problem = Problem("", "too_large", said)
    if problem:
        raise Refused([problem])
    return with_ids(tree)


def _merges(newest: DraftStep, merge_key: str, person: User, now: datetime) -> bool:
    """Whether it goes on with what the newest step did."""
    is_alike = merge_key == newest.merge_key and newest.author_id == person.pk
    return bool(merge_key) and is_alike and now - newest.at <= MERGES


def _shown(state: State, step: DraftStep, *, person: User, now: datetime) -> Opened:
    """Make a step, stored or new, what the builder shows."""
    draft, segment = state.draft, state.segment
    draft.position = step.number
    draft.revision = state.revision + 1
    draft.changed_by, draft.changed_at = person, now
    if segment.status == Status.DRAFT:
        draft.base, draft.base_version = without_ids(step.tree), None
        _show_everywhere(segment, draft.base)
    draft.save()
    step.revisions = [*step.revisions, draft.revision][-MOST_REVISIONS:]
    step.save()
    return opened(
        replace(state, step=step, tree=step.tree, revision=draft.revision, takes_in=False)
    )


def _show_everywhere(segment: Segment, definition: Tree | None) -> None:
    """The lists, the page of the segment and the API tell what is being made."""
    segment.draft = definition
    segment.save(update_fields=["draft", "updated_at"])
