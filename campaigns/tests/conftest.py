"""Who looks at the pages of campaigns."""

from __future__ import annotations

import pytest

from segmentflow.roles import CAMPAIGN_MANAGERS, MARKETERS
from segments.tests.made import make_user


@pytest.fixture
def marketer(client):
    """Signed in; may see campaigns and change none."""
    user = make_user(MARKETERS, name="mia")
    client.force_login(user)
    return user


@pytest.fixture
def manager(client):
    """Signed in; may do everything with campaigns."""
    user = make_user(CAMPAIGN_MANAGERS, name="max")
    client.force_login(user)
    return user
