"""Having the demonstration data come and go, and its stream run, from pages and at the start.

It comes by the process that also streams (running.py), which goes on where a crash has
interrupted it; it goes by the task cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

from contacts.models import Contact, Field
from segmentflow.clock import current_time
from segmentflow.demo.loading import check_room
from segmentflow.wakeups import ask_for
from segmentflow.workspace import current_workspace, update_workspace
from segments.models import Segment

REMOVE = "undemo"


@dataclass(frozen=True, slots=True)
class DemoState:
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
        is_loading=is_loading,
        is_loaded=is_loaded,
        streams=is_loaded and workspace.demo_streams,
        can_load=not (is_loaded or is_loading or Contact.objects.exists()),
    )


def ask_to_load() -> None:
    """Raises Conflict where contacts of one's own would be mixed with invented ones."""
    check_room()
    update_workspace(demo_asked_at=current_time(), demo_streams=True)


def ask_to_load_at_first_start() -> None:
    """On an empty database, unless the demonstration was there before and was removed."""
    if not current_workspace().demo_streams:
        return
    if not any(model.objects.exists() for model in (Contact, Field, Segment)):
        ask_to_load()


def forget_wish() -> None:
    """What was asked for and has not come is not wanted any more."""
    update_workspace(demo_asked_at=None)


def ask_to_remove() -> None:
    update_workspace(demo_streams=False)
    ask_for(REMOVE, "segmentflow.demo.tasks.remove")


def switch_stream(*, on: bool) -> None:
    update_workspace(demo_streams=on)
