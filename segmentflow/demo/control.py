"""Having the demonstration data come and go, and its stream run, from pages and at the start.

Coming and going takes seconds, so the task cluster does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from contacts.models import Contact, Field
from segmentflow.audit.recording import record
from segmentflow.clock import current_time
from segmentflow.demo.loading import check_room
from segmentflow.wakeups import ask_for
from segmentflow.workspace import current_workspace, update_workspace
from segments.models import Segment

LOAD = "demo"
REMOVE = "undemo"


@dataclass(frozen=True, slots=True)
class DemoState:
    is_allowed: bool
    """False with --no-demo, where nobody would send its events."""
    is_loading: bool
    is_loaded: bool
    streams: bool
    """Whether events keep arriving."""
    can_load: bool


def demo_state() -> DemoState:
    workspace = current_workspace()
    is_loaded = workspace.demo_loaded_at is not None
    is_loading = workspace.demo_asked_at is not None and not is_loaded
    return DemoState(
        is_allowed=settings.DEMO,
        is_loading=is_loading,
        is_loaded=is_loaded,
        streams=settings.DEMO and is_loaded and workspace.demo_streams,
        can_load=settings.DEMO and not (is_loaded or is_loading or Contact.objects.exists()),
    )


def ask_to_load() -> None:
    """Raises Conflict where contacts of one's own would be mixed with invented ones."""
    check_room()
    with transaction.atomic():
        update_workspace(demo_asked_at=current_time(), demo_streams=True)
        record(action="loaded", kind="demo")
    ask_for(LOAD, "segmentflow.demo.tasks.load")


def begin() -> None:
    """At a start: an empty database gets it, and what was interrupted is done once more."""
    if _is_new():
        ask_to_load()
    elif demo_state().is_loading:
        ask_for(LOAD, "segmentflow.demo.tasks.load")


def _is_new() -> bool:
    """Nothing is there yet; and nobody has removed the demonstration, which ends its stream."""
    workspace = current_workspace()
    if workspace.demo_asked_at is not None or not workspace.demo_streams:
        return False
    return not any(model.objects.exists() for model in (Contact, Field, Segment))


def ask_to_remove() -> None:
    with transaction.atomic():
        update_workspace(demo_streams=False)
        record(action="removed", kind="demo")
    ask_for(REMOVE, "segmentflow.demo.tasks.remove")


@transaction.atomic
def switch_stream(*, on: bool) -> None:
    update_workspace(demo_streams=on)
    record(action="resumed" if on else "paused", kind="demo", said="its stream of events")
