"""What the task cluster does about the demonstration data; doing it twice is harmless."""

from __future__ import annotations

from segmentflow.clock import current_time
from segmentflow.demo.control import LOAD, REMOVE, demo_state
from segmentflow.demo.loading import load_demo
from segmentflow.demo.removing import remove_demo
from segmentflow.wakeups import at_work


def load() -> None:
    with at_work(LOAD):
        if demo_state().is_loading:
            load_demo(now=current_time())


def remove() -> None:
    with at_work(REMOVE):
        remove_demo()
