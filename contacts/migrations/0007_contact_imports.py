"""Files of contacts that people import, and how far each has come."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_anonymous_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("token", models.CharField(max_length=32, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("csv", "CSV"), ("jsonl", "JSON Lines"), ("xlsx", "XLSX")],
                        max_length=8,
                    ),
                ),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "Being read"),
                            ("ready", "Waits for you"),
                            ("trying", "Dry run"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="reading",
                        max_length=12,
                    ),
                ),
                ("encoding", models.CharField(blank=True, default="", max_length=20)),
                ("separator", models.CharField(blank=True, default="", max_length=1)),
                ("sheet", models.CharField(blank=True, default="", max_length=255)),
                ("sheets", models.JSONField(default=list)),
                ("columns", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=list)),
                ("found_by", models.CharField(blank=True, default="", max_length=16)),
                ("position", models.BigIntegerField(default=0)),
                ("line", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("created", models.BigIntegerField(default=0)),
                ("updated", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("refused_size", models.BigIntegerField(default=0)),
                ("tried", models.JSONField(null=True)),
                ("error", models.TextField(blank=True, default="")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("has_files", models.BooleanField(default=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
