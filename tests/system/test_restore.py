"""A backup that is restored sends nothing by itself."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from segmentflow.database.binaries import programs_for
from segmentflow.database.identity import choose_identity
from segmentflow.database.location import Location

pytestmark = pytest.mark.slow

MAKE_CAMPAIGNS = """
    INSERT INTO campaigns_campaign
        (name, channel, status, kind, is_local, delay_minutes, holdout_percent, ignores_cap,
         ignores_quiet_hours, content, revision, updated_at)
    SELECT initcap(status), 'email', status, 'entering', false, 0, 0, false, false, '{}', 0, now()
    FROM unnest(ARRAY['draft', 'live', 'scheduled']) AS status
"""


def test_campaigns_of_a_restored_backup_are_paused_before_anything_runs(installed, tmp_path):
    dump = tmp_path / "segmentflow.dump"
    installed.start()
    url = Location(installed.data).url
    with psycopg.connect(url) as connection:
        connection.execute(MAKE_CAMPAIGNS)
    programs = programs_for(choose_identity())
    subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, url], check=True)
    refused = installed.manage("restore", str(dump))
    assert refused.returncode == 1
    assert str(installed.pid) in refused.stderr
    installed.stop()

    restored = installed.manage("restore", str(dump))

    assert restored.returncode == 0, restored.stderr
    assert "“Live”, was live." in restored.stdout
    assert "“Scheduled”, was scheduled." in restored.stdout
    assert "Draft" not in restored.stdout
    assert installed.processes() == {}
