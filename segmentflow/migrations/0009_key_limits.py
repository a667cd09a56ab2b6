"""Keys that expire, and limits of what is sent with them."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0008_audit_entries"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("ingest", "Send contacts and events"),
                        ("read", "Read everything"),
                        ("write", "Change segments, fields and event types"),
                        ("audit", "Read the audit log"),
                    ],
                    max_length=10,
                ),
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="requests_per_second",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="events_per_second",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaced_by",
                to="segmentflow.apikey",
            ),
        ),
        migrations.CreateModel(
            name="KeyUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key_id",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("requests", models.BigIntegerField()),
                ("events", models.BigIntegerField()),
                ("refused", models.BigIntegerField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="segmentflow.apikey",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TokenBucket",
            fields=[
                (
                    "name",
                    models.CharField(max_length=60, primary_key=True, serialize=False),
                ),
                ("tokens", models.FloatField()),
                ("at", models.DateTimeField()),
                ("granted", models.FloatField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE segmentflow_tokenbucket SET UNLOGGED",
            "ALTER TABLE segmentflow_tokenbucket SET LOGGED",
        ),
    ]
