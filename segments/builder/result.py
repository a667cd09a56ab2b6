"""The result beside the canvas: how many contacts fit, where they drop out, and who some are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contacts.models import Contact
from segments.builder.reading import Reading
from segments.conditions.catalog import Labels
from segments.conditions.edit import Tree, is_group
from segments.conditions.nodes import Group
from segments.conditions.sentence import sentence
from segments.conditions.words_actual import actual_words
from segments.engine.counting import Counted
from segments.engine.explain import Explanation, explain_each

Count = Callable[[Group], Counted]

EXPLAINED = 20
"""Nodes; the examples of a longer definition are not explained."""
TOLD = 2
"""Values of an example."""
LONGEST_TOLD = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """Contacts who pass a condition of the outermost group and all those before it."""

    node: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Alone:
    """Contacts who pass one condition or subsegment, whatever the others say."""

    node: str
    count: int


@dataclass(frozen=True, slots=True)
class Example:
    contact: Contact
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    count: int
    total: int
    is_exact: bool
    left_out: int
    """Conditions that are not complete and so not counted."""
    bars: tuple[Bar, ...]
    alone: tuple[Alone, ...]
    examples: tuple[Example, ...]

    @property
    def percent(self) -> float:
        return 100 * self.count / self.total if self.total else 0.0


def result_of(
    *, tree: Tree, reading: Reading, labels: Labels, count: Count, now: datetime
) -> Result | None:
    """None when nothing is complete enough to be counted."""
    if reading.group is None:
        return None
    counted = count(reading.group)
    alone = {reading.places[node.path]: node for node in counted.nodes}
    bars = tuple(
        Bar(child["id"], bar_label(child, reading, labels), alone[child["id"]].reaching)
        for child in tree["children"]
        if child["id"] in alone
    )
    return Result(
        count=counted.count,
        total=counted.total,
        is_exact=counted.is_exact,
        left_out=reading.left_out,
        bars=bars,
        alone=tuple(Alone(node_id, node.alone) for node_id, node in alone.items()),
        examples=_examples(counted.sample, reading, labels, now),
    )


def bar_label(node: Tree, reading: Reading, labels: Labels) -> str:
    name = node.get("name") if is_group(node) else None
    return str(name) if name else sentence(reading.nodes[node["id"]], labels)


def _examples(
    ids: list[int], reading: Reading, labels: Labels, now: datetime
) -> tuple[Example, ...]:
    contacts = Contact.objects.defer("attributes").in_bulk(ids)
    explained: dict[int, Explanation] = {}
    if reading.group and len(reading.nodes) <= EXPLAINED:
        explained = explain_each(reading.group, contact_ids=ids, now=now)
    found = []
    for pk in ids:
        if pk in contacts:
            told = _told(explained[pk], labels, now) if pk in explained else ""
            detail = told or contacts[pk].email or contacts[pk].external_id
            found.append(Example(contacts[pk], detail))
    return tuple(found)


def _told(explanation: Explanation, labels: Labels, now: datetime) -> str:
    """What the contact has of what the definition asks for."""
    values = [_short(one, labels, now) for one in _leaves(explanation) if one.truth and one.actual]
    return " · ".join(dict.fromkeys(value for value in values[:TOLD] if value))


def _leaves(explanation: Explanation) -> list[Explanation]:
    if not explanation.children:
        return [explanation]
    return [leaf for child in explanation.children for leaf in _leaves(child)]


def _short(one: Explanation, labels: Labels, now: datetime) -> str:
    text = actual_words(one.node, one.actual, labels=labels, now=now)
    return text if len(text) <= LONGEST_TOLD else f"{text[: LONGEST_TOLD - 1]}…"
