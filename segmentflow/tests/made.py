"""What the tests of the settings begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from segmentflow.models import User
from segmentflow.users import give_role

HTMX = {"HX-Request": "true"}


def make_user(name: str, role: str = "", **values: Any) -> User:
    user = User.objects.create_user(name, **values)
    give_role(user=user, role=role)
    return user


def sign_in(client: Client, role: str, name: str = "ada") -> User:
    user = make_user(name, role)
    client.force_login(user)
    return user


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)
