"""How hard the tests of this folder try: a little in every run, for as long as one likes with `script/fuzz`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, settings

EFFORT: Final = int(os.environ.get("SEGMENTFLOW_FUZZ") or 1)
"""How many times as many inputs as usual; then also others each time."""
IS_LONG: Final = EFFORT > 1


def tries(usual: int, **options: Any) -> settings:
    """Settings of a test that tries so many inputs in a usual run, always the same ones."""
    return settings(
        max_examples=usual * EFFORT,
        deadline=None,
        database=None,
        derandomize=not IS_LONG,
        suppress_health_check=list(HealthCheck),
        **options,
    )


def tried(work: Callable[[], Any], *refusals: type[Exception]) -> tuple[Any, Exception | None]:
    """What it makes, or the refusal that it raises; anything else that it raises fails the test."""
    try:
        return work(), None
    except refusals as refusal:
        return None, refusal
