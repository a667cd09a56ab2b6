"""A backup is restored as it was, and sends nothing by itself."""

from __future__ import annotations

import psycopg
import pytest

from segmentflow.database.location import Location
from segmentflow.database.restoring import alone
from tests.keeping.fingerprints import differing, fingerprints
from tests.system.installation import Installation

pytestmark = pytest.mark.slow

MAKE_CAMPAIGNS = """
    INSERT INTO campaigns_campaign
        (name, channel, status, kind, is_local, delay_minutes, holdout_percent, ignores_cap,
         ignores_quiet_hours, content, revision, updated_at)
    SELECT initcap(status), 'email', status, 'entering', false, 0, 0, false, false, '{}', 0, now()
    FROM unnest(ARRAY['draft', 'live', 'scheduled']) AS status
"""
FILL = """
from campaigns.channels.models import Way
from campaigns.channels.secrets import seal
from segments.engine.settle import settle
from segments.tests.made import EVERYONE, NOW, make_contact, make_segment

for number in range(200):
    make_contact(f"c-{number}", first_name="Zoë")
make_segment("all", EVERYONE)
settle(now=NOW)
Way.objects.update_or_create(channel="email", defaults={"secrets": seal({"password": "hidden"})})
"""


def test_campaigns_of_a_restored_backup_are_paused_before_anything_runs(installed, tmp_path):
    file = tmp_path / "one.tar"
    installed.start()
    with psycopg.connect(Location(installed.data).url) as connection:
        connection.execute(MAKE_CAMPAIGNS)
    made = installed.manage("backup", str(file))
    assert made.returncode == 0, made.stderr
    assert "The secret key is in it" in made.stdout
    refused = installed.manage("restore", str(file))
    assert refused.returncode == 1
    assert str(installed.pid) in refused.stderr
    installed.stop()

    restored = installed.manage("restore", str(file))

    assert restored.returncode == 0, restored.stderr
    assert "“Live”, was live." in restored.stdout
    assert "“Scheduled”, was scheduled." in restored.stdout
    assert "Draft" not in restored.stdout
    assert installed.processes() == {}


def test_in_a_new_data_directory_every_row_is_as_it_was_and_secrets_can_be_read(
    installed, tmp_path
):
    new = Installation(tmp_path / "new")
    steps = [
        (installed, "shell", "-v", "0", "-c", FILL),
        (installed, "backup", str(tmp_path), "--quiet"),
    ]
    for installation, *arguments in steps:
        done = installation.manage(*arguments)
        assert done.returncode == 0, done.stderr
    [file] = tmp_path.glob("segmentflow-*.tar")

    restored = new.manage("restore", str(file))

    assert restored.returncode == 0, restored.stderr
    was, now_ = (rows_of(one) for one in (installed, new))
    assert was["contacts_contact"][0] == was["segments_membership"][0] == 200
    # Where the backup was made is told of it afterwards, and where it was restored, of that.
    assert differing(was, now_) == ["segmentflow_auditentry"]
    sealed = new.manage("seal_anew")
    assert sealed.returncode == 0, sealed.stderr
    assert sealed.stdout.startswith("0 secrets encrypted with the present SECRET_KEY; 1 were")


def rows_of(installation: Installation) -> dict[str, tuple[object, ...]]:
    location = Location(installation.data)
    with alone(location):
        return fingerprints(location.url)
