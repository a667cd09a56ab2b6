"""Attacks have the world of the site's tests to aim at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segmentflow.api.limits import forget_all
from tests.site.conftest import standing

__all__ = ["standing"]


@pytest.fixture(autouse=True)
def _nobody_has_sent_anything() -> Iterator[None]:
    """So that nobody has to wait for what another test sent."""
    forget_all()
    yield
    forget_all()
