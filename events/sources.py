"""By which way events come in, as metrics tell it."""

from __future__ import annotations

from enum import IntEnum

from segmentflow import counting
from segmentflow.models import TallySubject


class Source(IntEnum):
    """The numbers are stored."""

    API = 1
    LIBRARY = 2
    """`/v1/`, from a program."""
    WEBSITE = 3
    """`/v1/`, from a page."""
    FILE = 4
    OURS = 5
    """Such as what recipients of messages do, and the demonstration."""


def note_refused(source: Source, number: int) -> None:
    if number:
        counting.count(TallySubject.REFUSED, int(source), number)
