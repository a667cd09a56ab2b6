"""Why a contact is in a segment or not: the answer at every node of its definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from segments.conditions.nodes import Group, Node
from segments.conditions.sql.compiler import Compiler
from segments.engine.count_statement import walk
from segments.engine.facts import current_facts


@dataclass(frozen=True, slots=True)
class Explanation:
    path: str
    node: Node
    truth: bool
    actual: str | None
    """The contact's own value, measure or chosen time; None when it has none."""
    until: datetime | None
    """The answer stays the same at least until then, new data apart. None: for ever."""
    children: tuple[Explanation, ...]


def explain(group: Group, *, contact_id: int, now: datetime) -> Explanation | None:
    """None when there is no such contact."""
    compiler = Compiler(facts=current_facts([group]), now=now, shows_actual=True)
    nodes = list(walk(group))
    columns = []
    for _, node in nodes:
        answer = compiler.fragment(node)
        columns += [answer.truth, f"NULLIF({answer.due}, 'infinity')", answer.actual]
    parts = compiler.compiled(compiler.fragment(group))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} {parts.source} WHERE c.id = %(contact)s",
            parts.params | {"contact": contact_id},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    known = {path: row[3 * index : 3 * index + 3] for index, (path, _) in enumerate(nodes)}
    return _tree(group, "", known)


def _tree(
    node: Node, path: str, known: dict[str, tuple[bool, datetime | None, str | None]]
) -> Explanation:
    truth, until, actual = known[path]
    children: tuple[Explanation, ...] = ()
    if isinstance(node, Group):
        prefix = f"{path}." if path else ""
        children = tuple(
            _tree(child, f"{prefix}children[{index}]", known)
            for index, child in enumerate(node.children)
        )
    return Explanation(path, node, truth, actual, until, children)
