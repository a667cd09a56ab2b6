"""A running installation for the tests in this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.copying import copy_of, started_once
from tests.system.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Stopped, with an empty data directory."""
    installation = Installation(tmp_path / "data")
    yield installation
    _stop(installation)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of one that has been started and stopped."""
    base = tmp_path_factory.getbasetemp()
    return started_once((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "started")


@pytest.fixture
def installed(started: Path, tmp_path: Path) -> Iterator[Installation]:
    """Stopped, and started once before; the administrator's password is PASSWORD of copying.py."""
    installation = copy_of(started, tmp_path / "data")
    yield installation
    _stop(installation)


@pytest.fixture(scope="module")
def running(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that runs, for tests that leave it running."""
    installation = copy_of(started, tmp_path_factory.mktemp("running") / "data")
    installation.start()
    yield installation
    _stop(installation)


def _stop(installation: Installation) -> None:
    installation.stop()
    assert installation.processes() == {}
