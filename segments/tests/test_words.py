"""Why somebody entered or left, in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from segments.conditions.catalog import Labels
from segments.words import why


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            {"kind": "event", "type": "Purchase", "occurred_at": "2026-11-02T23:30:00+00:00"},
            "Purchase on 3 Nov 2026",
        ),
        ({"kind": "event", "type": "Purchase", "occurred_at": None}, "Purchase"),
        ({"kind": "field", "field": "tier"}, "tier changed"),
        ({"kind": "created"}, "New contact"),
        ({"kind": "time"}, "Time passed"),
        ({"kind": "definition", "version": 4}, "Definition v4"),
        ({"kind": "segment", "segment": "vips"}, "Segment vips changed"),
        ({"kind": "manual"}, "By hand"),
        ({}, ""),
    ],
)
def test_a_cause_in_words(cause, words):
    assert why(cause, Labels(zone=ZoneInfo("Europe/Warsaw"))) == words
