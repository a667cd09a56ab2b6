"""SegmentFlow keeps groups of contacts up to date while data arrives and time passes."""

from __future__ import annotations

__version__ = "0.1.0"
