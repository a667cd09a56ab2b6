"""Members of segments as files, and the log of their runs."""

from __future__ import annotations

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbound", "0001_initial"),
        ("segments", "0009_deadlines_by_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[("csv", "CSV"), ("jsonl", "JSON Lines")],
                        default="csv",
                        max_length=8,
                    ),
                ),
                ("is_gzip", models.BooleanField(default=False)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                (
                    "schedule",
                    models.CharField(
                        choices=[
                            ("hand", "Only when somebody asks for it"),
                            ("hourly", "Every hour"),
                            ("daily", "Every day"),
                            ("weekly", "On days of the week"),
                        ],
                        default="daily",
                        max_length=8,
                    ),
                ),
                ("at", models.TimeField(default=datetime.time(6, 0))),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("folder", "A folder of this server"),
                            ("url", "An address (URL)"),
                        ],
                        default="folder",
                        max_length=8,
                    ),
                ),
                ("folder", models.CharField(blank=True, default="", max_length=200)),
                ("pattern", models.CharField(default="{segment}-{date}-{time}", max_length=200)),
                ("keeps", models.PositiveIntegerField(default=30)),
                (
                    "method",
                    models.CharField(
                        choices=[("PUT", "PUT"), ("POST", "POST, signed")],
                        default="PUT",
                        max_length=4,
                    ),
                ),
                ("shown_url", models.CharField(blank=True, default="", max_length=300)),
                ("sealed", models.TextField(blank=True, default="")),
                ("is_paused", models.BooleanField(default=False)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("zone", models.CharField(blank=True, default="", max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ExportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("is_by_hand", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField()),
                ("try_at", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("begun_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(null=True)),
                ("size", models.BigIntegerField(null=True)),
                ("file", models.CharField(blank=True, default="", max_length=500)),
                ("said", models.TextField(blank=True, default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="outbound.export",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["next_at"],
                name="exports_by_next",
            ),
        ),
        migrations.AddIndex(
            model_name="exportrun",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["try_at"],
                name="export_runs_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=("export",),
                name="one_open_run_of_an_export",
            ),
        ),
    ]
