"""How many contacts a definition matches now, as a whole and at each of its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segments.conditions.nodes import Group, Node
from segments.conditions.sql.compiler import Compiler
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts


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
    """Count every contact; nothing is stored."""
    conditions = _counts(group, now=now)
    count = conditions[0].count
    ids = _sample(group, now=now, size=sample) if count and sample else []
    return Preview(count, exact=True, contact_ids=ids, conditions=conditions)


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every node below and including this one, with its path."""
    yield path, node
    if isinstance(node, Group):
        for index, child in enumerate(node.children):
            prefix = f"{path}." if path else ""
            yield from walk(child, f"{prefix}children[{index}]")


def _counts(group: Group, *, now: datetime) -> list[NodeCount]:
    compiler = Compiler(facts=current_facts([group]), now=now)
    nodes = list(walk(group))
    truths = [compiler.fragment(node).truth for _, node in nodes]
    parts = compiler.compiled(compiler.fragment(group))
    counts = ", ".join(f"count(*) FILTER (WHERE {truth})" for truth in truths)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts} {parts.source}", parts.params)
        row = cursor.fetchone()
    return [NodeCount(path, count) for (path, _), count in zip(nodes, row, strict=True)]


def _sample(group: Group, *, now: datetime, size: int) -> list[int]:
    parts = compiled(group, facts=current_facts([group]), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT c.id {parts.source}
            WHERE {parts.prefilter} AND {parts.answer.truth}
            ORDER BY c.id
            LIMIT %(size)s
            """,
            parts.params | {"size": size},
        )
        return [contact_id for (contact_id,) in cursor.fetchall()]
