"""New events are vacuumed soon: until then each one that a condition finds in the index is looked up in the table.

Nothing of them is dead, so it is a look at the new pages alone. By its usual share of the table PostgreSQL
would come to events of the last months only now and then, and those are what most windows ask for.
"""

from __future__ import annotations

from django.db import migrations

NEW = 100_000
"""Events; some 2,000 pages."""


class Migration(migrations.Migration):
    dependencies = [("events", "0007_event_by_arrival")]

    operations = [
        migrations.RunSQL(
            sql=f"""
                ALTER TABLE events_event SET (
                    autovacuum_vacuum_insert_threshold = {NEW},
                    autovacuum_vacuum_insert_scale_factor = 0
                )
            """,
            reverse_sql="""
                ALTER TABLE events_event RESET (
                    autovacuum_vacuum_insert_threshold,
                    autovacuum_vacuum_insert_scale_factor
                )
            """,
        ),
    ]
