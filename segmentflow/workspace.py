"""What admins set for the whole workspace."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from segmentflow.audit.recording import record
from segmentflow.models import Workspace

ONLY = 1
"""The id of the one row."""


def current_workspace() -> Workspace:
    """As it is stored; before anything was set, with the defaults and not stored."""
    return Workspace.objects.filter(pk=ONLY).first() or Workspace(pk=ONLY)


@transaction.atomic
def set_unknown_types(chosen: Workspace.UnknownTypes) -> None:
    """What happens with events whose type nobody has registered."""
    before = current_workspace().unknown_types
    update_workspace(unknown_types=chosen)
    if before != chosen:
        changes = {"unknown event types": [before or None, chosen.value]}
        record(action="changed", kind="workspace", changes=changes)


def update_workspace(**changes: Any) -> Workspace:
    """Set some of the fields, in a row that is made when it is missing."""
    workspace, _ = Workspace.objects.update_or_create(pk=ONLY, defaults=changes)
    return workspace
