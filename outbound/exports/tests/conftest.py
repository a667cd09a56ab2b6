"""Where files of tests go."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_SPOOL = tmp_path / "spool"
    settings.EXPORTS_DIR = tmp_path / "exports"
    return settings.EXPORTS_DIR
