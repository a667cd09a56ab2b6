"""Count the events that are there; new ones are counted as they are stored."""

from __future__ import annotations

from django.db import migrations

COUNT = """
INSERT INTO segmentflow_freshtally (subject, ref, at, amount)
SELECT 2, type_id, date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'), count(*)
FROM events_event
GROUP BY 2, 3;
"""

FORGET = """
DELETE FROM segmentflow_freshtally WHERE subject = 2;
DELETE FROM segmentflow_tally WHERE subject = 2;
DELETE FROM segmentflow_total WHERE subject = 2;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_feed_by_type"),
        ("segmentflow", "0003_tallies_and_workspace"),
    ]

    operations = [migrations.RunSQL(COUNT, FORGET)]
