"""An explanation in words: what holds, what decides, and what time alone will change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from segments.conditions.catalog import Labels
from segments.conditions.nodes import Group, Match, SegmentCondition
from segments.conditions.sentence import sentence
from segments.conditions.words import brief_time
from segments.conditions.words_actual import actual_words
from segments.engine.explain import Explanation
from segments.engine.passed import TICK, Passed

MATCH_WORDS = {Match.ALL: "All of", Match.ANY: "Any of", Match.NONE: "None of"}
MOST_TOLD = 5
"""Of the conditions that decide; the tree shows the others."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One node of a definition, for one contact, as the pages draw it."""

    label: str
    passes: bool | None = None
    """None while it is not complete."""
    value: str = ""
    """What the contact has."""
    later: str = ""
    """When time alone changes the answer."""
    decides: bool = False
    """It makes the whole what it is, and others beside it do not."""
    segment: str = ""
    """Key of the segment that the condition is about."""
    children: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the whole is as it is."""

    words: str
    deciding: tuple[Verdict, ...]
    """The conditions that make it so; none where it is all of them."""
    more: int
    """How many others do."""


def verdict_of(root: Explanation, *, labels: Labels, now: datetime) -> Verdict:
    """The whole tree."""
    return _verdict(root, deciding(root), labels, now)


def verdict_then(root: Explanation, *, labels: Labels, at: datetime) -> Verdict:
    """The same for an instant of the past, whose future is known by now."""
    return _without_later(verdict_of(root, labels=labels, now=at))


def _without_later(verdict: Verdict) -> Verdict:
    children = tuple(_without_later(child) for child in verdict.children)
    return replace(verdict, later="", children=children)


def told(
    one: Explanation,
    *,
    labels: Labels,
    now: datetime,
    decides: bool = False,
    children: tuple[Verdict, ...] = (),
) -> Verdict:
    """One node, with what is below it as it is given."""
    is_group = isinstance(one.node, Group)
    return Verdict(
        label=_label(one, labels),
        passes=one.truth,
        value="" if is_group else actual_words(one.node, one.actual, labels=labels, now=now),
        later=later_words(one, labels),
        decides=decides,
        segment=one.node.segment if isinstance(one.node, SegmentCondition) else "",
        children=children,
    )


def _verdict(one: Explanation, decisive: set[str], labels: Labels, now: datetime) -> Verdict:
    return told(
        one,
        labels=labels,
        now=now,
        decides=one.path in decisive,
        children=tuple(_verdict(child, decisive, labels, now) for child in one.children),
    )


def group_words(match: Match, name: str) -> str:
    return f"{MATCH_WORDS[match]} “{name}”" if name else MATCH_WORDS[match]


def _label(one: Explanation, labels: Labels) -> str:
    if isinstance(one.node, Group):
        return group_words(one.node.match, one.node.name)
    return sentence(one.node, labels)


def deciding(root: Explanation) -> set[str]:
    """Paths of the nodes that make the root what it is: where any is enough, those that are;
    where all are needed, those that lack. Where all children do, none stands out."""
    return {one.path for one in _deciding(root)}


def _deciding(one: Explanation) -> Iterator[Explanation]:
    found = _decisive_children(one)
    for child in found:
        if len(found) < len(one.children):
            yield child
        yield from _deciding(child)


def _decisive_children(one: Explanation) -> list[Explanation]:
    if not isinstance(one.node, Group):
        return []
    decisive = one.truth != (one.node.match == Match.NONE)
    return [child for child in one.children if child.truth == decisive]


def reason(root: Explanation, *, labels: Labels, now: datetime) -> Reason:
    found = _decisive_children(root)
    if len(found) == len(root.children):
        found = []
    return Reason(
        words=_reason_words(root),
        deciding=tuple(_lone(one, labels, now) for one in found[:MOST_TOLD]),
        more=max(0, len(found) - MOST_TOLD),
    )


def _lone(one: Explanation, labels: Labels, now: datetime) -> Verdict:
    """Without the tree around it, a subsegment needs all of its words."""
    verdict = told(one, labels=labels, now=now)
    if not isinstance(one.node, Group):
        return verdict
    return Verdict(one.node.name or sentence(one.node, labels), one.truth, later=verdict.later)


def _reason_words(root: Explanation) -> str:
    if not isinstance(root.node, Group):
        return ""
    total, held = len(root.children), sum(child.truth for child in root.children)
    if total == 1:
        holds = "holds" if held else "does not hold"
        but = " and may not" if held and not root.truth else ""
        return f"The only condition {holds}{but}."
    some = f"{held} of {total} conditions {'holds' if held == 1 else 'hold'}"
    match root.node.match:
        case Match.ALL:
            return f"All {total} conditions hold." if root.truth else f"{some}; all are needed."
        case Match.ANY if root.truth:
            return f"{some}; one is enough."
        case Match.ANY:
            return f"None of the {total} conditions holds; one is needed."
        case Match.NONE:
            none = f"None of the {total} conditions holds, as is asked for."
            return none if root.truth else f"{some}; none may."


def later_words(one: Explanation, labels: Labels) -> str:
    """Until when it is so, as far as time alone decides; empty where it never does."""
    if one.changes_at:
        at = brief_time(one.changes_at, labels)
        return f"until {at}" if one.truth else f"from {at}"
    if one.until:
        return f"at least until {brief_time(one.until, labels)}"
    return ""


def turned_told(passed: Passed, *, labels: Labels) -> list[tuple[Verdict, Verdict]]:
    """The conditions that time turned, as they were just before and from then on."""
    return [
        (
            _lone(turned.before, labels, passed.at - TICK),
            _lone(turned.after, labels, passed.at),
        )
        for turned in passed.conditions
    ]


@dataclass(frozen=True, slots=True)
class Tense:
    """How a contact's way in and out is told."""

    leaves: str
    enters: str
    stays: str


FOLLOWED = Tense("Leaves", "Enters", "Stays as it is")
SUPPOSED = Tense("Would leave", "Would enter", "Would stay as it is")
"""Of a definition that nobody follows at the moment."""


def foretold(root: Explanation, labels: Labels, tense: Tense = FOLLOWED) -> str:
    """What will happen by itself."""
    if root.changes_at:
        moves = tense.leaves if root.truth else tense.enters
        return f"{moves} on {brief_time(root.changes_at, labels)} if nothing happens."
    if root.until:
        return f"{tense.stays} at least until {brief_time(root.until, labels)} if nothing happens."
    return "Time alone changes nothing."
