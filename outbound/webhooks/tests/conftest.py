from __future__ import annotations

import pytest

from campaigns.channels.tests.servers import gateway
from outbound.webhooks.tests.made import HERE, NOW, Clock
from segments.engine.settle import settle
from segments.tests.made import GOLD, make_field, make_segment


@pytest.fixture(autouse=True)
def this_machine_is_allowed(settings):
    settings.OUTBOUND_PRIVATE_HOSTS = list(HERE)


@pytest.fixture
def receiver():
    with gateway() as server:
        yield server


@pytest.fixture
def gold():
    make_field("tier")
    segment = make_segment("gold", GOLD)
    settle(now=NOW)
    return segment


@pytest.fixture
def clock():
    return Clock()
