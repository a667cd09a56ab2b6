"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from segmentflow.clock import forget_zone


@pytest.fixture(autouse=True)
def _zone_of_the_settings(settings: Any) -> Iterator[None]:
    """Nothing reads the stored time zone, unless a test is about it: most need no database."""
    settings.ZONE_KEPT_SECONDS = None
    yield
    forget_zone()
