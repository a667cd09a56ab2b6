"""The sentence that people read for a tree."""

from __future__ import annotations

from collections.abc import Sequence as Several

from segments.conditions.catalog import Labels
from segments.conditions.nodes import (
    AttributeCondition,
    Comparison,
    Duration,
    EventCondition,
    Everyone,
    FieldCondition,
    Group,
    Match,
    Node,
    Occurrence,
    Random,
    SegmentCondition,
    Sequence,
    Step,
    Unit,
    Where,
)
from segments.conditions.operators import OPERATORS
from segments.conditions.words import (
    duration_words,
    number_words,
    several_words,
    value_words,
    window_words,
)
from segments.conditions.words_measures import measure_words


def sentence(node: Node, labels: Labels) -> str:
    """Such as "Status VIP is one of Gold or Platinum, and the last Purchase was more than 90 days ago"."""
    text = _phrase(node, labels)
    # Fields keep the name that people gave them.
    return text if isinstance(_first(node), FieldCondition) else text[:1].upper() + text[1:]


def _first(node: Node) -> Node:
    """The condition that the sentence begins with."""
    while isinstance(node, Group) and node.match != Match.NONE:
        node = node.children[0]
    return node


def _phrase(node: Node, labels: Labels) -> str:
    match node:
        case Group():
            children = [(_phrase(child, labels), _is_compound(child)) for child in node.children]
            return _group(node.match, children)
        case FieldCondition(field, check):
            return f"{labels.field(field)} {check_words(check, labels)}"
        case EventCondition():
            return measure_words(node, event_words(node.event, node.where, labels), labels)
        case Occurrence():
            return _occurrence(node, labels)
        case Sequence():
            return _sequence(node, labels)
        case SegmentCondition(segment, member):
            return f"is {'' if member else 'not '}in the segment {labels.segment(segment)}"
        case Random(percent, salt):
            sample = f" (sample {salt})" if salt else ""
            return f"is in a random {number_words(percent)}% of all contacts{sample}"
        case Everyone():
            return "everyone"


def _group(match: Match, children: Several[tuple[str, bool]]) -> str:
    """Children that consist of several parts are set in parentheses."""
    texts = [
        f"({text})" if is_compound and len(children) > 1 else text for text, is_compound in children
    ]
    joined = several_words(texts, ", and " if match == Match.ALL else ", or ")
    if match != Match.NONE:
        return joined
    return f"none of ({joined})" if len(texts) > 1 else f"not ({joined})"


def _is_compound(node: Node | Where | AttributeCondition) -> bool:
    if isinstance(node, Group | Where):
        several = len(node.children) > 1 or _is_compound(node.children[0])
        return several and node.match != Match.NONE
    return isinstance(node, Sequence) or (isinstance(node, Occurrence) and node.check is not None)


ENDS = {"more_than_ago": " ago", "more_than_ahead": " ahead"}
JOINTS = {"contains_all": " and "}
AMOUNTS = ("greater_than", "at_least", "less_than", "at_most", "between")
FOR_ONE = {
    "in": "is",
    "not_in": "is not",
    "contains_any": "contains",
    "contains_all": "contains",
    "contains_none": "does not contain",
}
"""How operators with several values read when there is just one."""
TODAY = Duration(0, Unit.DAY)


def check_words(check: Comparison, labels: Labels) -> str:
    """An operator with its value, such as "is at least 5"."""
    words = OPERATORS[check.operator].words
    if check.operator == "anniversary_in_next" and check.value == TODAY:
        return "has its anniversary today"
    if isinstance(check.value, tuple) and len(check.value) == 1:
        words = FOR_ONE[check.operator]
    if check.value is not None:
        joint = JOINTS.get(check.operator, " or ")
        is_amount = check.operator in AMOUNTS
        value = value_words(check.value, labels, joint, is_amount=is_amount)
        words = f"{words} {value}{ENDS.get(check.operator, '')}"
    return f"{words} (case-sensitive)" if check.case_sensitive else words


def _where(node: Where | AttributeCondition, labels: Labels, owner: str = "") -> str:
    if isinstance(node, AttributeCondition):
        return f"{owner}{node.attribute} {check_words(node.check, labels)}"
    children = [(_where(child, labels, owner), _is_compound(child)) for child in node.children]
    return _group(node.match, children)


def event_words(key: str, where: Where | None, labels: Labels) -> str:
    """Such as "Purchase (where category is shoes)"."""
    name = labels.event_type(key)
    return name if where is None else f"{name} (where {_where(where, labels)})"


def _occurrence(node: Occurrence, labels: Labels) -> str:
    event = event_words(node.event, node.where, labels)
    window = window_words(node.window, labels)
    if not window and node.check is None:
        return f"has performed {event}"
    begin = (
        f"the {node.which} {event} was {window}" if window else f"there is a {node.which} {event}"
    )
    if node.check is None:
        return begin
    check = _where(node.check, labels, "its ")
    return f"{begin} and {f'({check})' if _is_compound(node.check) else check}"


def _sequence(node: Sequence, labels: Labels) -> str:
    first, *others = node.steps
    begin = f"has performed {event_words(first.event, first.where, labels)}"
    window = window_words(node.window, labels)
    return ", ".join([f"{begin} {window}".rstrip(), *(_step(step, labels) for step in others)])


def _step(step: Step, labels: Labels) -> str:
    event = event_words(step.event, step.where, labels)
    within = f" within {duration_words(step.within)}" if step.within else ""
    return f"{'' if step.performed else 'not '}followed by {event}{within}"
