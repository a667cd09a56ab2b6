"""What the task cluster does about the demonstration data; doing it twice is harmless."""

from __future__ import annotations

from segmentflow.demo.control import REMOVE
from segmentflow.demo.removing import remove_demo
from segmentflow.wakeups import at_work


def remove() -> None:
    with at_work(REMOVE):
        remove_demo()
