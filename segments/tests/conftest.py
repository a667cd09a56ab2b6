"""Who looks at the pages of segments."""

from __future__ import annotations

import pytest

from segmentflow.roles import CAMPAIGN_MANAGERS, MARKETERS
from segments.tests.made import make_user


@pytest.fixture
def reader(client):
    """Signed in; may see everything and change nothing."""
    user = make_user(CAMPAIGN_MANAGERS)
    client.force_login(user)
    return user


@pytest.fixture
def marketer(client):
    """Signed in; may do everything with segments."""
    user = make_user(MARKETERS, name="mia")
    client.force_login(user)
    return user
