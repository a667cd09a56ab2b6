"""Who looks at the pages of contacts."""

from __future__ import annotations

import pytest

from segmentflow.models import User
from segmentflow.roles import ADMINS, MARKETERS
from segmentflow.users import give_role


@pytest.fixture
def sign_in_as(client):
    """Signs in somebody with a role, or with none."""

    def sign_in(role):
        user = User.objects.create_user(role.lower() or "nobody")
        give_role(user=user, role=role)
        client.force_login(user)
        return user

    return sign_in


@pytest.fixture
def marketer(sign_in_as):
    """Signed in; may see contacts and fields, and change none."""
    return sign_in_as(MARKETERS)


@pytest.fixture
def boss(sign_in_as):
    """Signed in; may do everything."""
    return sign_in_as(ADMINS)
