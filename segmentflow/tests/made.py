"""What the tests of the settings begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from segmentflow.models import User
from segmentflow.users import give_role

HTMX = {"HX-Request": "true"}


def make_user(name: str, role: str = "", **values: Any) -> User:
    user = User.objects.create_user(name, **values)
    give_role(user=user, role=role)
    return user


def enter(client: Client, user: User) -> None:
    """Have them be signed in, with a second factor that was shown."""
    client.force_login(user)
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="App")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()


def sign_in(client: Client, role: str, name: str = "ada") -> User:
    user = make_user(name, role)
    enter(client, user)
    return user


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)
