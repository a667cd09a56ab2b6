"""What admins set for the whole workspace."""

from __future__ import annotations

from typing import Any

from segmentflow.models import Workspace

ONLY = 1
"""The id of the one row."""


def current_workspace() -> Workspace:
    """As it is stored; before anything was set, with the defaults and not stored."""
    return Workspace.objects.filter(pk=ONLY).first() or Workspace(pk=ONLY)


def update_workspace(**changes: Any) -> Workspace:
    """Set some of the fields, in a row that is made when it is missing."""
    workspace, _ = Workspace.objects.update_or_create(pk=ONLY, defaults=changes)
    return workspace
