"""What a migration may do while the program of before goes on: the rules of docs/upgrading.md, looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field

CONCURRENT: Final = (AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint)
TAKEN_AWAY: Final = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)
SLOW_SQL: Final = {
    r"CREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)": "an index is built CONCURRENTLY",
    r"ADD\s+(CONSTRAINT\s+\S+\s+)?(CHECK|FOREIGN|UNIQUE|PRIMARY)(?!.*(NOT\s+VALID|USING\s+INDEX))": (
        "a constraint comes NOT VALID, or with an index that is there"
    ),
    r"ALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE": "a type that changes writes the whole table anew",
    r"SET\s+NOT\s+NULL": "NOT NULL reads the whole table: a check NOT VALID, then validated, says the same",
    r"VACUUM\s+FULL|CLUSTER|LOCK\s+TABLE|TRUNCATE": "it locks the whole table",
    r"\bUPDATE\s+(?!OF\b|ON\b)|\bDELETE\s+FROM|INSERT\s+INTO\s+\S+.*\bSELECT\b": (
        "rows are changed by a background task, bite by bite"
    ),
}


@dataclass(frozen=True)
class Finding:
    migration: str
    """Such as contacts.0012_bulk_marks."""
    rule: str
    """Its short name."""
    why: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.rule}: {self.why}"


@dataclass(frozen=True)
class Place:
    """Where an operation stands."""

    migration: Migration
    state: ProjectState
    """Before it."""
    new: frozenset[tuple[str, str]]
    """Models that came with this very migration: nobody uses them yet."""
    small: frozenset[str]
    """Models whose tables stay small, whatever is done to them."""

    def finding(self, rule: str, why: str) -> Finding:
        return Finding(f"{self.migration.app_label}.{self.migration.name}", rule, why)

    def is_new(self, model: str) -> bool:
        return (self.migration.app_label, model.lower()) in self.new

    def is_small(self, model: str) -> bool:
        return self.is_new(model) or f"{self.migration.app_label}.{model.lower()}" in self.small

    def table_of(self, key: tuple[str, str]) -> str:
        model = self.state.models[key]
        return str(model.options.get("db_table") or f"{key[0]}_{key[1]}")

    def field(self, model: str, name: str) -> Field[Any, Any]:
        return self.state.models[self.migration.app_label, model.lower()].get_field(name)


def findings(apps: Iterable[str], *, small: Iterable[str]) -> list[Finding]:
    """Of all migrations that are shipped with these apps."""
    graph = MigrationLoader(None).graph
    state, seen, found = ProjectState(), set(), []
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            if key not in seen:
                seen.add(key)
                told = list(look(graph.nodes[key], state, small=small))
                found += told if key[0] in set(apps) else []
    return found


def look(
    migration: Migration, state: ProjectState, *, small: Iterable[str] = ()
) -> Iterator[Finding]:
    """What is wrong with one; `state` is of before, and of after it afterwards."""
    new: set[tuple[str, str]] = set()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            new.add((migration.app_label, operation.name_lower))
        place = Place(migration, state.clone(), frozenset(new), frozenset(small))
        if not migration.atomic and not isinstance(operation, CONCURRENT):
            yield place.finding(
                "not atomic",
                f"{type(operation).__name__} stands in a migration that is not atomic, and one that is"
                " interrupted cannot begin anew: only indexes are built so",
            )
        for inner in _inner(operation):
            yield from _look_at(inner, place)
        operation.state_forwards(migration.app_label, state)


def _inner(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _inner(inner)
    else:
        yield operation


def _look_at(operation: Operation, place: Place) -> Iterator[Finding]:
    match operation:
        case operations.RunPython() | operations.RunSQL() if not operation.reversible:
            yield place.finding("not reversible", "there is no way back")
        case operations.RunPython() if not place.migration.atomic:
            pass  # told already
    if isinstance(operation, TAKEN_AWAY):
        yield place.finding(
            "taken away", f"{operation.describe()}: the program of before still uses it"
        )
    match operation:
        case AddIndexConcurrently() | AddConstraintNotValid():
            pass
        case operations.AddIndex() if not place.is_small(operation.model_name):
            yield place.finding("index", f"{operation.describe()}: AddIndexConcurrently")
        case operations.AddConstraint() if not place.is_small(operation.model_name):
            yield place.finding(
                "constraint",
                f"{operation.describe()}: AddConstraintNotValid, then ValidateConstraint",
            )
        case operations.AddField():
            yield from _look_at_new(operation, place)
        case operations.AlterField() if not place.is_new(operation.model_name):
            yield from _look_at_altered(operation, place)
        case operations.RunSQL():
            yield from _look_at_sql(operation, place)


def _look_at_new(operation: operations.AddField, place: Place) -> Iterator[Finding]:
    field, model = operation.field, operation.model_name
    if place.is_new(model) or field.many_to_many:
        return
    name = f"{model}.{operation.name}"
    if getattr(field, "generated", False) and not place.is_small(model):
        yield place.finding("rewrite", f"{name}: a generated column writes the whole table anew")
    elif not field.null and field.db_default is NOT_PROVIDED and not field.generated:
        yield place.finding(
            "no default",
            f"{name}: the program of before stores rows without it: null or db_default",
        )
    if _is_indexed(field) and not place.is_small(model):
        yield place.finding("index", f"{name}: without db_index, then AddIndexConcurrently")


def _look_at_altered(operation: operations.AlterField, place: Place) -> Iterator[Finding]:
    model, new = operation.model_name, operation.field
    old, name = place.field(model, operation.name), f"{model}.{operation.name}"
    if old.null and not new.null:
        yield place.finding("not null", f"{name}: a check NOT VALID, then validated, says the same")
    if _is_narrower(old, new) and not place.is_small(model):
        yield place.finding("rewrite", f"{name}: {_type(old)} becomes {_type(new)}, row by row")
    if _is_indexed(new) and not _is_indexed(old) and not place.is_small(model):
        yield place.finding("index", f"{name}: AddIndexConcurrently")


def _look_at_sql(operation: operations.RunSQL, place: Place) -> Iterator[Finding]:
    sql = operation.sql if isinstance(operation.sql, str) else " ".join(map(str, operation.sql))
    # What is done in functions is done when they are called.
    sql = re.sub(
        r"\$(\w*)\$.*?\$\1\$|--[^\n]*|CREATE (OR REPLACE )?FUNCTION.*", " ", sql, flags=re.S
    )
    tables = {
        place.table_of((app, model))
        for app, model in place.state.models
        if (app, model) not in place.new and f"{app}.{model}" not in place.small
    }
    for statement in sql.split(";"):
        if tables & set(re.findall(r"\w+", statement)):
            for pattern, why in SLOW_SQL.items():
                if re.search(pattern, statement, re.IGNORECASE | re.DOTALL):
                    yield place.finding("sql", f"{why}: {' '.join(statement.split())[:80]}")


def _is_indexed(field: Field[Any, Any]) -> bool:
    return bool(getattr(field, "db_index", False) or field.unique)


def _type(field: Field[Any, Any]) -> str:
    if field.is_relation:  # a number that leads somewhere; models of a state are not put together
        return f"reference to {field.remote_field.model}"
    return str(field.db_type(connection))


def _is_narrower(old: Field[Any, Any], new: Field[Any, Any]) -> bool:
    """Whether PostgreSQL has to look at each row, or write it anew."""
    before, after = _type(old), _type(new)
    lengths = [re.fullmatch(r"varchar\((\d+)\)", one) for one in (before, after)]
    if lengths[0] and after == "text":
        return False
    if lengths[0] and lengths[1]:
        return int(lengths[1][1]) < int(lengths[0][1])
    return before != after
