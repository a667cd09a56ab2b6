"""Who looks at the pages of events."""

from __future__ import annotations

import pytest

from events.tests.made import make_user
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS


@pytest.fixture
def reader(client):
    """Signed in; may see everything and change nothing."""
    user = make_user(CAMPAIGN_MANAGERS)
    client.force_login(user)
    return user


@pytest.fixture
def admin(client):
    """Signed in; may do everything."""
    user = make_user(ADMINS, name="otto")
    client.force_login(user)
    return user
