"""Count who entered and left so far; what follows is counted as it is logged."""

from __future__ import annotations

from django.db import migrations

COUNT = """
INSERT INTO segmentflow_freshtally (subject, ref, at, amount)
SELECT CASE WHEN entered THEN 3 ELSE 4 END, segment_id,
    date_bin('15 minutes', at, '2000-01-01T00:00:00Z'), count(*)
FROM segments_transition
GROUP BY 1, 2, 3;
"""

FORGET = """
DELETE FROM segmentflow_freshtally WHERE subject IN (3, 4);
DELETE FROM segmentflow_tally WHERE subject IN (3, 4);
DELETE FROM segmentflow_total WHERE subject IN (3, 4);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0005_tags"),
        ("segmentflow", "0003_tallies_and_workspace"),
    ]

    operations = [migrations.RunSQL(COUNT, FORGET)]
