"""What django-q runs: wake-ups only. Losing, doubling or delaying one changes nothing but latency."""

from __future__ import annotations


def wake() -> None:
    """Ask for a refresh soon."""
