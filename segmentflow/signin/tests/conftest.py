"""Passwords of these tests are quick to check, and people are made with what the tests need."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.tests.made import enter, make_user

PASSWORD = "correct horse 9"  # noqa: S105 - of people who live for one test


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mark(db: None) -> User:
    return make_user("mark", MARKETERS, password=PASSWORD, email="mark@example.com")


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada", ADMINS, password=PASSWORD)


@pytest.fixture
def admin(ada: User) -> Client:
    """Who is signed in."""
    client = Client()
    enter(client, ada)
    return client
