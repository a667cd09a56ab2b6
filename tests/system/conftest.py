"""A running installation for the tests in this folder."""

from __future__ import annotations

import pytest

from tests.system.installation import Installation


@pytest.fixture
def installation(tmp_path):
    """Stopped, with an empty data directory."""
    installation = Installation(tmp_path / "data")
    yield installation
    installation.stop()
    assert installation.processes() == {}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One that runs, for tests that leave it running."""
    installation = Installation(tmp_path_factory.mktemp("running") / "data")
    installation.start()
    yield installation
    installation.stop()
    assert installation.processes() == {}
