"""One statement that counts, at each node of a definition, whom it lets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from segmentflow.citus.here import is_spread
from segments.conditions.nodes import Group, Match, Node
from segments.conditions.sql.compiler import Compiler
from segments.conditions.sql.fragment import Fragment, Params
from segments.conditions.sql.grouped import among
from segments.conditions.sql.where import COMBINED
from segments.engine.facts import current_facts


@dataclass(frozen=True, slots=True)
class CountStatement:
    """Built once, asked of any contacts.

    Of those between `first` and `last`, if it is for many at once; else of those `only` tells.
    """

    paths: tuple[str, ...]
    columns: str
    """The truth of every condition, each a column."""
    source: str
    places: str
    """Of every group a column: at which child a contact stopped."""
    counts: str
    """Two for each path."""
    root: str
    params: Params
    many: bool

    def sql(self, *, only: str = among("c.id")) -> str:
        """A query of one row: contacts, counts, the first `size` ids, seconds.

        The seconds are those after the first contact, so that planning is not among them.
        """
        return f"""
            WITH a AS MATERIALIZED (
                SELECT c.id, clock_timestamp() AS seen{self.columns} {self.source} WHERE {only}
            ),
            b AS (SELECT a.*{self.places} FROM a OFFSET 0)
            SELECT count(*), ARRAY[{self.counts}],
                ARRAY(SELECT id FROM a WHERE {self.root} ORDER BY id LIMIT %(size)s::int),
                COALESCE(extract(epoch FROM clock_timestamp() - min(seen)), 0)::float
            FROM b"""


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every node below and including this one, with its path."""
    yield path, node
    if isinstance(node, Group):
        for index, child in enumerate(node.children):
            yield from walk(child, child_path(path, index))


def child_path(path: str, index: int) -> str:
    return f"{path}.children[{index}]" if path else f"children[{index}]"


def count_statement(group: Group, *, now: datetime, many: bool = False) -> CountStatement:
    # On a cluster each contact is looked up (evaluate.py).
    by_passes = many and not is_spread()
    compiler = Compiler(facts=current_facts([group]), now=now, many=by_passes, until=False)
    builder = _Builder(compiler)
    root = builder.truth(group)
    builder.add(group, "", root)
    builder.add_children(group, "")
    # Joins are complete only now.
    parts = compiler.compiled(Fragment(root))
    return CountStatement(
        paths=tuple(builder.counts),
        columns="".join(f", {sql} AS {name}" for sql, name in builder.columns.items()),
        source=parts.source,
        places="".join(f", {sql} AS f{number}" for number, sql in enumerate(builder.places)),
        counts=", ".join(count for both in builder.counts.values() for count in both),
        root=root,
        params=parts.params,
        many=many,
    )


class _Builder:
    """Gives conditions columns, and puts groups together out of them."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self.columns: dict[str, str] = {}
        self.places: list[str] = []
        self.counts: dict[str, tuple[str, str]] = {}
        """By path, in the order of `walk`: alone, reaching."""

    def truth(self, node: Node) -> str:
        if isinstance(node, Group):
            children = [Fragment(self.truth(child)) for child in node.children]
            return COMBINED[node.match](children).truth
        sql = self._compiler.fragment(node).truth
        return self.columns.setdefault(sql, f"t{len(self.columns)}")

    def add(self, node: Node, path: str, reaching: str) -> None:
        alone = self.truth(node)
        self.counts[path] = (_count(alone), _count(reaching))

    def add_children(self, group: Group, path: str) -> None:
        """A contact stops at the first false child of `all`, at the first true one of others.

        Where it stopped is one column, so that a long group stays a short statement.
        """
        stops = "NOT " if group.match == Match.ALL else ""
        cases = " ".join(
            f"WHEN {stops}{self.truth(child)} THEN {index}"
            for index, child in enumerate(group.children)
        )
        place = f"f{len(self.places)}"
        self.places.append(f"CASE {cases} ELSE {len(group.children)} END")
        sign = "<=" if group.match == Match.ANY else ">"
        for index, child in enumerate(group.children):
            below = child_path(path, index)
            self.add(child, below, f"{place} {sign} {index}")
            if isinstance(child, Group):
                self.add_children(child, below)


def _count(truth: str) -> str:
    return f"count(*) FILTER (WHERE {truth})"
