"""How many contacts a definition matches now, as a whole and at each of its nodes: for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from segmentflow.limits import within
from segments.conditions.nodes import Group
from segments.engine.cancelling import LONGEST_MS
from segments.engine.counting import count_all


@dataclass(frozen=True, slots=True)
class NodeCount:
    path: str
    """Such as `children[0].children[1]`; the root's is empty."""
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    count: int
    exact: bool
    contact_ids: list[int]
    """The first few who match, by id."""
    conditions: list[NodeCount]


def preview(group: Group, *, now: datetime, sample: int) -> Preview:
    """Count every contact; nothing is stored. Raises TooSlow after half a minute."""
    with within(LONGEST_MS):
        found = count_all(group, now=now, sample=sample)
    conditions = [NodeCount(node.path, node.alone) for node in found.nodes]
    return Preview(found.count, found.is_exact, found.sample, conditions)
