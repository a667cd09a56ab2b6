"""Who has to have a second factor: chosen by admins for roles or everybody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import connection, transaction

from segmentflow.audit.recording import record
from segmentflow.models import User, Workspace
from segmentflow.roles import ADMINS, RIGHTS
from segmentflow.users import role_of
from segmentflow.workspace import update_workspace

EVERYBODY: Final = "everybody"
CHOICES: Final = [(EVERYBODY, "Everybody"), *((role, role) for role in RIGHTS)]


def needing() -> frozenset[str]:
    """Roles, or everybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT second_factor_for FROM segmentflow_workspace")
        row = cursor.fetchone()
    return frozenset((row and row[0]) or ())


def has_to_have(user: User, needed: Collection[str]) -> bool:
    if not needed:
        return False
    if EVERYBODY in needed or (user.is_superuser and ADMINS in needed):
        return True
    return role_of(user) in needed


@transaction.atomic
def require_of(roles: Collection[str]) -> Workspace:
    before = needing()
    kept = sorted(roles)
    workspace = update_workspace(second_factor_for=kept or None)
    if before != frozenset(kept):
        changes = {"second factor for": [sorted(before), kept]}
        record(action="changed", kind="workspace", changes=changes)
    return workspace
