"""How far values are copied, and for how long events are kept."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

GO_ON = """
INSERT INTO events_valuefilling (event_type_id, has_begun, contact_id, message_id, done)
SELECT id, false, 0, '', 0 FROM events_eventtype WHERE NOT value_is_filled;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_ingest_problems"),
    ]

    operations = [
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "event_type",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="retention",
                        serialize=False,
                        to="events.eventtype",
                    ),
                ),
                ("months", models.PositiveSmallIntegerField()),
                ("is_paused", models.BooleanField(default=False)),
                ("erased_before", models.DateTimeField(null=True)),
                ("erasing_before", models.DateTimeField(null=True)),
                ("position", models.BigIntegerField(default=0)),
                ("erased", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ValueFilling",
            fields=[
                (
                    "event_type",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="filling",
                        serialize=False,
                        to="events.eventtype",
                    ),
                ),
                ("has_begun", models.BooleanField(default=False)),
                ("contact_id", models.BigIntegerField(default=0)),
                ("message_id", models.TextField(blank=True, db_collation="C", default="")),
                ("done", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(GO_ON, migrations.RunSQL.noop),
    ]
