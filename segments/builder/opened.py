"""What the builder shows of a draft, and the refusal to change one that has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.problems import Problem, Refused
from segmentflow.models import User
from segmentflow.users import name_of
from segments.builder.comparing import changes_between, same
from segments.builder.describing import change_lines
from segments.builder.state import OUTSIDE, State, hold_state
from segments.catalog import current_catalog, current_labels
from segments.conditions.edit import Tree, without_ids
from segments.models import Segment

TOO_OLD = "What you had on screen is no longer kept, so the differences cannot be listed"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the builder shows."""

    segment: Segment
    tree: Tree
    revision: int
    """Whoever changes the draft says which one they saw."""
    undo_label: str
    """What would be undone; empty when there is nothing."""
    redo_label: str
    saved_at: datetime | None
    saved_by: str
    is_changed: bool
    """It differs from what is published; of what never was: there is something in it."""
    outdated_by: int | None
    """Number of a version that was published by another way since the draft began."""


class Stale(Exception):
    """The draft was changed since the asker last saw it."""

    def __init__(self, *, opened: Opened, by: str, changes: tuple[str, ...]) -> None:
        self.opened = opened
        self.by = by
        """Who made the newest change; empty when it was the asker, in another window."""
        self.changes = changes
        """What differs from what the asker saw, line by line."""
        super().__init__(f"revision {opened.revision} by {by or 'the same person'}")


def opened(state: State) -> Opened:
    draft, newest = state.draft, state.newest
    undo_label, redo_label = _labels(state)
    is_kept = state.step is not None and not state.takes_in
    bare = without_ids(state.tree)
    return Opened(
        segment=state.segment,
        tree=state.tree,
        revision=state.revision,
        undo_label=undo_label,
        redo_label=redo_label,
        saved_at=draft.changed_at if state.step else None,
        saved_by=name_of(draft.changed_by) if state.step and draft.changed_by else "",
        is_changed=not same(bare, newest.definition) if newest else bool(bare["children"]),
        outdated_by=_outdated_by(state) if is_kept else None,
    )


def _outdated_by(state: State) -> int | None:
    newest, draft = state.newest, state.draft
    if newest is None or newest.number == draft.base_version:
        return None
    # What was waiting, or made here, may be the very thing that was published.
    return None if same(newest.definition, draft.base) else newest.number


def _labels(state: State) -> tuple[str, str]:
    if state.step is None:
        return "", ""
    if state.takes_in:
        return OUTSIDE, ""
    number = state.step.number
    near = state.draft.steps.filter(number__in=(number - 1, number + 1))
    labels = dict(near.values_list("number", "label"))
    return state.step.label if number - 1 in labels else "", labels.get(number + 1, "")


def hold_for(*, segment: Segment, revision: int | None, person: User) -> State:
    """The draft, held until the commit, for somebody who saw this revision.

    Raises Stale, or Refused for a segment that cannot be changed here.
    """
    state = hold_state(segment)
    if said := _why_not(state.segment):
        raise Refused([Problem("status", "not_editable", said)])
    if revision is not None and revision != state.revision:
        changes = _changes_since(state, revision)
        raise Stale(opened=opened(state), by=_changed_by(state, person), changes=changes)
    return state


def _why_not(segment: Segment) -> str:
    if segment.kind == Segment.Kind.STATIC:
        return "A static list has no definition: its members are listed."
    if segment.status == Segment.Status.ARCHIVED:
        return f"“{segment.name}” is archived. Restore it before you change it."
    return ""


def _changed_by(state: State, person: User) -> str:
    changer = state.draft.changed_by
    if state.takes_in:
        return "Somebody outside the builder"
    if changer is None:
        return "Somebody"
    return "" if changer == person else name_of(changer)


def _changes_since(state: State, revision: int) -> tuple[str, ...]:
    """What differs from the tree that somebody saw."""
    # Not for numbers that never were: they may be larger than the database takes.
    is_possible = 0 <= revision < state.revision
    seen = state.draft.steps.filter(revisions__contains=[revision]).first() if is_possible else None
    if seen is None:
        return (TOO_OLD,)
    catalog = current_catalog(allow_archived=True)
    return change_lines(changes_between(seen.tree, state.tree), catalog, current_labels())
