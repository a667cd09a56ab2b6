"""People who sign in: which role they have."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction

from segmentflow.models import User
from segmentflow.roles import RIGHTS


def role_of(user: User) -> str:
    """Empty without one."""
    names = {group.name for group in user.groups.all()}
    return next((role for role in RIGHTS if role in names), "")


@transaction.atomic
def give_role(*, user: User, role: str) -> None:
    """Exactly this role, or none with the empty text.

    Whoever has one may open the administration, which shows what the role allows.
    """
    user.groups.remove(*Group.objects.filter(name__in=RIGHTS))
    if role:
        user.groups.add(Group.objects.get(name=role))
    user.is_staff = bool(role) or user.is_superuser
    user.save(update_fields=["is_staff"])
