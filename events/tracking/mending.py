"""Bodies in which a character or a number cannot be stored: the rest of them can."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from segmentflow.api.bodies import MAX_DEPTH, decode_json, is_too_long, is_unstorable, parse_json
from segmentflow.api.problems import ApiProblem

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# Browsers write half a character when a text was cut in the middle of one.
HALVES = re.compile(rb"\\u[dD][89a-fA-F]")


def decode_mended(body: bytes) -> Any:
    """The JSON of a body, fit to be stored; raises ApiProblem when it cannot be read."""
    try:
        return decode_json(body)
    except ApiProblem as problem:
        if problem.errors:
            return _mended(parse_json(body))
        if not HALVES.search(body):
            raise
        return _mended(_with_halves(body, problem))


def _with_halves(body: bytes, problem: ApiProblem) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise problem from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")


def _mended(value: Any, depth: int = 1) -> Any:
    if depth > MAX_DEPTH:
        return None
    match value:
        case dict():
            return {_mended(key): _mended(one, depth + 1) for key, one in value.items()}
        case list():
            return [_mended(one, depth + 1) for one in value]
        case str() if is_unstorable(value):
            return value.replace("\0", UNKNOWN).encode("utf-8", "replace").decode()
        case int() | Decimal() if is_too_long(value):
            return None
        case _:
            return value
