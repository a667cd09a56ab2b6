"""What it was that time alone changed, where the definition leaves no doubt."""

from __future__ import annotations

from collections.abc import Iterator

from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    BeforeAgo,
    Condition,
    Duration,
    EventCondition,
    FieldCondition,
    Group,
    Last,
    Match,
    MeasureOf,
    Node,
    Occurrence,
    SegmentCondition,
    Where,
    Window,
)
from segments.conditions.sentence import event_words, sentence
from segments.conditions.uses import is_relative, uses
from segments.conditions.words import duration_words
from segments.conditions.words_measures import NOT_PERFORMED, PERFORMED


def what_passed(definition: Group, *, entered: bool, labels: Labels) -> str | None:
    """Why time alone moved a contact; None when more than one condition may have done it.

    With a single condition that follows the clock, it was this one that changed; and since
    groups only join and negate, whether it came to be true or false is known, too.
    """
    followers = list(_followers(definition, is_plain=True))
    if len(followers) != 1:
        return None
    [(condition, is_plain)] = followers
    if isinstance(condition, SegmentCondition):
        return None
    is_true = entered == is_plain
    if passed := _passed(condition, labels, is_true=is_true):
        return passed
    said = sentence(condition, labels)
    return said if is_true else f"No longer: {said}"


def _followers(node: Node, *, is_plain: bool) -> Iterator[tuple[Condition, bool]]:
    """The conditions that time can change, each with whether its truth counts as it is."""
    if isinstance(node, Group):
        for child in node.children:
            yield from _followers(child, is_plain=is_plain == (node.match != Match.NONE))
    elif isinstance(node, SegmentCondition) or uses(node, lambda key: None).uses_clock:
        yield node, is_plain


def _passed(condition: Condition, labels: Labels, *, is_true: bool) -> str | None:
    """Such as "90 days passed since the last Purchase", where nothing else can have been it.

    An event of the future whose time has come is another thing that time alone brings; it
    changes these conditions only in the other direction.
    """
    match condition:
        case Occurrence(event, which, where, window, check):
            length = _length(window, is_true=is_true)
            if length is None or _moves(where) or _moves(check):
                return None
            return _since(length, f"the {which} {event_words(event, where, labels)}")
        case EventCondition(event, where, Last(length)) if _shrinks(condition, is_true=is_true):
            which = "the last" if _is_about_none(condition) else "an earlier"
            what = f"{which} {event_words(event, where, labels)}"
            return None if _moves(where) else _since(length, what)
        case FieldCondition(field, check):
            length = check.value if isinstance(check.value, Duration) else None
            is_older = (check.operator, is_true) in OLDER_FIELD
            return _since(length, labels.field(field)) if length and is_older else None
    return None


OLDER_FIELD = (("more_than_ago", True), ("in_last", False))


def _length(window: Window, *, is_true: bool) -> Duration | None:
    """What the event became older than."""
    match window:
        case BeforeAgo(duration) if is_true:
            return duration
        case Last(duration) if not is_true:
            return duration
    return None


def _shrinks(condition: EventCondition, *, is_true: bool) -> bool:
    """Whether it takes an event less to make the condition what it has become."""
    if condition.measure.of != MeasureOf.COUNT:
        return False
    if _is_about_none(condition):
        return is_true == ((condition.operator, condition.value) in NOT_PERFORMED)
    return condition.operator in (
        ("at_most", "less_than") if is_true else ("at_least", "greater_than")
    )


def _is_about_none(condition: EventCondition) -> bool:
    """Whether it only asks for any event at all."""
    return (condition.operator, condition.value) in (*PERFORMED, *NOT_PERFORMED)


def _moves(where: Where | None) -> bool:
    """Whether time changes which events match."""
    if where is None:
        return False
    return any(
        _moves(child) if isinstance(child, Where) else is_relative(child.check)
        for child in where.children
    )


def _since(length: Duration, what: str) -> str:
    return f"{duration_words(length)} passed since {what}"
