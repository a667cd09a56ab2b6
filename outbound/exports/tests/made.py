"""Exports that tests need, made in one line."""

from __future__ import annotations

from typing import Any

from outbound.exports.models import Export
from outbound.exports.services import create_export
from outbound.exports.wanted import Wanted
from segments.models import Segment
from segments.tests.made import NOW

COLUMNS = ("external_id", "email", "entered_at")


def make_export(segment: Segment, **wanted: Any) -> Export:
    now = wanted.pop("now", NOW)
    given = {"name": "Nightly", "columns": COLUMNS} | wanted
    return create_export(segment=segment, wanted=Wanted(**given), author=None, now=now)
