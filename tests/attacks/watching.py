"""Which parameters a view asks a request for: told by watching it, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import QueryDict

READ_BY = ("get", "getlist", "__getitem__", "__contains__")
NOT_PARAMETERS = frozenset({"csrfmiddlewaretoken", "_method"})


@contextmanager
def watched() -> Iterator[set[str]]:
    """The names that are looked up in queries and forms meanwhile."""
    names: set[str] = set()

    class Noting(dict[str, Any]):
        """What a view made of a query."""

    with pytest.MonkeyPatch.context() as patch:
        for name in READ_BY:
            patch.setattr(QueryDict, name, _noting(names, getattr(QueryDict, name)))
            if hasattr(dict, name):
                setattr(Noting, name, _noting(names, getattr(dict, name)))
        as_dict = QueryDict.dict
        patch.setattr(QueryDict, "dict", lambda self: Noting(as_dict(self)))
        yield names
    names -= NOT_PARAMETERS


def _noting(names: set[str], method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, key: Any, *args: Any, **options: Any) -> Any:
        if isinstance(key, str):
            names.add(key)
        return method(self, key, *args, **options)

    return call
