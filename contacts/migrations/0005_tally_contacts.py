"""Count the contacts that are there; new ones are counted as they are stored."""

from __future__ import annotations

from django.db import migrations

COUNT = """
INSERT INTO segmentflow_freshtally (subject, ref, at, amount)
SELECT 1, 0, date_bin('15 minutes', created_at, '2000-01-01T00:00:00Z'), count(*)
FROM contacts_contact
GROUP BY 3;
"""

FORGET = """
DELETE FROM segmentflow_freshtally WHERE subject = 1;
DELETE FROM segmentflow_tally WHERE subject = 1;
DELETE FROM segmentflow_total WHERE subject = 1;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_search_by_index"),
        ("segmentflow", "0003_tallies_and_workspace"),
    ]

    operations = [migrations.RunSQL(COUNT, FORGET)]
