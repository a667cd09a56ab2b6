"""What the task cluster does about the demonstration data; doing it twice is harmless."""

from __future__ import annotations

import logging

from contacts.problems import Conflict
from segmentflow.clock import current_time
from segmentflow.demo.control import LOAD, REMOVE, demo_state
from segmentflow.demo.loading import load_demo
from segmentflow.demo.removing import remove_demo
from segmentflow.wakeups import at_work
from segmentflow.workspace import update_workspace

logger = logging.getLogger(__name__)


def load() -> None:
    with at_work(LOAD):
        if not demo_state().is_loading:
            return
        try:
            load_demo(now=current_time())
        except Conflict as problem:
            # Somebody's own contacts were quicker.
            logger.warning("%s", problem)
            update_workspace(demo_asked_at=None)


def remove() -> None:
    with at_work(REMOVE):
        remove_demo()
