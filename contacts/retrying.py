"""Transactions that two requests cannot both win are tried again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

ATTEMPTS = 5


def in_transaction(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run it as a transaction, again when PostgreSQL ended it because of another one.

    Inside somebody else's transaction, whoever began that one has to try again.
    """

    @wraps(work)
    def tried(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        attempts = 1 if connection.in_atomic_block else ATTEMPTS
        for _ in range(attempts - 1):
            try:
                with transaction.atomic():
                    return work(*args, **kwargs)
            except OperationalError as problem:
                if not isinstance(problem.__cause__, (DeadlockDetected, SerializationFailure)):
                    raise
        with transaction.atomic():
            return work(*args, **kwargs)

    return tried
