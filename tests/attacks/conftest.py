"""Attacks have the world of the site's tests to aim at."""

from __future__ import annotations

from tests.site.conftest import standing

__all__ = ["standing"]
