"""What a migration says to the database is said in one go, so that its locks are held for that long only.

Between two statements Django computes the models anew, which takes far longer than most statements: with
that, everybody who needs a table waited for the processor of whoever migrates.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration, RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

PLAIN: Final = "django.db.migrations.operations."
"""Operations from there do nothing but speak to the database through the editor; RunPython alone may ask."""
LEAST_SECONDS: Final = 0.1


class AtOnce(DatabaseSchemaEditor):
    """Keeps statements until the end, or until what they made is asked for."""

    lock_seconds: float = 0
    """For all locks together; 0: nothing is kept."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: list[tuple[str, Any]] = []
        self._keeps = self.atomic_migration and self.lock_seconds > 0

    def execute(self, sql: Any, params: Any = ()) -> None:
        if self._keeps:
            self._kept.append((str(sql), params))
        else:
            super().execute(sql, params)

    def _constraint_names(self, *args: Any, **options: Any) -> list[str]:
        self._say()
        names: list[str] = super()._constraint_names(*args, **options)  # type: ignore[misc]
        return names

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is None:
            try:
                for statement in self.deferred_sql:
                    self.execute(statement, None)
                self.deferred_sql.clear()
                self._say()
            except BaseException:
                super().__exit__(*sys.exc_info())
                raise
        super().__exit__(exc_type, exc_value, traceback)

    def _say(self) -> None:
        kept, self._kept = self._kept, []
        begun = time.monotonic()
        for sql, params in kept:
            left = max(self.lock_seconds - (time.monotonic() - begun), LEAST_SECONDS)
            super().execute(f"SET LOCAL lock_timeout = {round(left * 1000)}", None)
            super().execute(sql, params)


@contextmanager
def editor_at_once() -> Iterator[type[AtOnce]]:
    """For the migrations of a block; the class is told for each of them whether it keeps statements."""

    class Editor(AtOnce):
        pass

    before = connection.SchemaEditorClass
    connection.SchemaEditorClass = Editor
    try:
        yield Editor
    finally:
        connection.SchemaEditorClass = before


def can_be_kept(migration: Migration) -> bool:
    """Whether nothing in it reads what it has just changed, as code of its own may."""
    return bool(migration.atomic) and all(map(_only_speaks, _flat(migration.operations)))


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _only_speaks(operation: Operation) -> bool:
    if isinstance(operation, AddConstraintNotValid | ValidateConstraint):
        return True
    return not isinstance(operation, RunPython) and type(operation).__module__.startswith(PLAIN)
