"""People who sign in: who may change whom, and which role each has."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.db.models import Q, QuerySet

from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.models import User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS, MARKETERS, RIGHTS
from segmentflow.signin.sessions import end_sessions

MAY = {
    MARKETERS: "Build, publish and delete segments; see contacts, events and fields.",
    CAMPAIGN_MANAGERS: "Make and send campaigns; see segments with their members, contacts, events"
    " and fields.",
    ADMINS: "Everything the others may; also change contacts, fields and event types, and manage"
    " API keys, users, sending and the workspace.",
}
"""What each role is for, in words."""


Person = User | AnonymousUser


def name_of(person: User) -> str:
    return person.get_full_name() or person.get_username()


class Refused(Exception):
    """It would lock people out; the text says how."""


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    may: str


def role_of(user: User) -> str:
    """Empty without one."""
    names = {group.name for group in user.groups.all()}
    return next((role for role in RIGHTS if role in names), "")


def role_in_words(user: User) -> Role:
    if user.is_superuser:
        return Role("Superuser", "Everything, also what no role includes.")
    role = role_of(user)
    return Role(role, MAY[role]) if role else Role("No role", "Sign in, and see nothing else.")


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


def may_touch(*, by: Person, user: User | None) -> bool:
    """Nobody takes over, by a new password, an account that may do more than their own."""
    return user is None or not user.is_superuser or by.is_superuser


def refusal(
    *, user: User, by: Person, role: str, is_active: bool, is_superuser: bool | None = None
) -> str:
    """Why a person must not get this role or be deactivated; empty when that is fine."""
    is_superuser = user.is_superuser if is_superuser is None else is_superuser
    stays = is_active and (is_superuser or role == ADMINS)
    if stays or not _is_administrator(user):
        return ""
    if user.pk == by.pk:
        done = "take this role away from" if is_active else "deactivate"
        return f"You cannot {done} your own account. Another administrator can."
    if not _administrators().exclude(pk=user.pk).exists():
        return f"“{user.get_username()}” is the last active administrator. Make another one first."
    return ""


def refusal_to_delete(*, user: User, by: Person) -> str:
    if user.pk == by.pk:
        return "You cannot delete your own account. Another administrator can."
    return refusal(user=user, by=by, role="", is_active=False)


def _is_administrator(user: User) -> bool:
    return _administrators().filter(pk=user.pk).exists()


def _administrators() -> QuerySet[User]:
    """As they are stored, whatever a form has written into an object."""
    rights = Q(is_superuser=True) | Q(groups__name=ADMINS)
    return User.objects.filter(rights, is_active=True)


def hold_administrators() -> None:
    """Until the transaction ends: two of them may be about to demote each other."""
    Group.objects.select_for_update().get(name=ADMINS)


@transaction.atomic
def create_user(*, role: str, password: str, **values: str) -> User:
    user = User.objects.create_user(password=password, **values)
    give_role(user=user, role=role)
    _note("created", user, said=role or "no role")
    return user


@transaction.atomic
def update_user(*, user: User, by: User, role: str, is_active: bool, **values: str) -> None:
    """Raises Refused; who is deactivated is signed out at once, for Django asks each time."""
    hold_administrators()
    if said := refusal(user=user, by=by, role=role, is_active=is_active):
        raise Refused(said)
    before = _facts(user)
    User.objects.filter(pk=user.pk).update(is_active=is_active, **values)
    user.refresh_from_db()
    give_role(user=user, role=role)
    if not is_active:
        end_sessions(user=user)  # else they would go on once the person may sign in again
    _note_change(user, before)


@transaction.atomic
def change_account(*, user: User, keep: str | None = None, **values: str) -> bool:
    """What people change about themselves. With another email other sessions end than the one
    with the key `keep`; whether it was another one."""
    before = _facts(user)
    User.objects.filter(pk=user.pk).update(**values)
    user.refresh_from_db()
    _note_change(user, before)
    is_other: bool = user.email != before["email"]
    if is_other:
        end_sessions(user=user, keep=keep)
    return is_other


@transaction.atomic
def set_password(*, user: User, password: str, keep: str | None = None) -> None:
    """Sessions that were begun with the one before end; the one with the key `keep` goes on when
    its view gives it the new password's hash."""
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user=user, keep=keep)
    _note("set the password of", user)


def _facts(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": user.is_active,
        "role": role_of(User.objects.prefetch_related("groups").get(pk=user.pk)),
    }


def _note_change(user: User, before: dict[str, Any]) -> None:
    if changes := differences(before, _facts(user)):
        _note("changed", user, changes=changes)


def _note(action: str, user: User, **more: Any) -> None:
    record(action=action, kind="user", key=user.pk, name=user.get_username(), **more)


def new_password() -> str:
    return secrets.token_urlsafe(12)
