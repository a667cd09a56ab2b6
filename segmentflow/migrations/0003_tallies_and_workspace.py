"""Counts by quarter of an hour, and what admins set for the whole workspace."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0002_wakeup"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreshTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Contacts that came"),
                            (2, "Events by when they occurred (ref: event type)"),
                            (3, "Contacts that entered (ref: segment)"),
                            (4, "Contacts that left (ref: segment)"),
                        ]
                    ),
                ),
                ("ref", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "verbose_name_plural": "fresh tallies",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "ref",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "subject",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Contacts that came"),
                            (2, "Events by when they occurred (ref: event type)"),
                            (3, "Contacts that entered (ref: segment)"),
                            (4, "Contacts that left (ref: segment)"),
                        ]
                    ),
                ),
                ("ref", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "verbose_name_plural": "tallies",
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "ref",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "subject",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Contacts that came"),
                            (2, "Events by when they occurred (ref: event type)"),
                            (3, "Contacts that entered (ref: segment)"),
                            (4, "Contacts that left (ref: segment)"),
                        ]
                    ),
                ),
                ("ref", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
                (
                    "applied_zone",
                    models.CharField(blank=True, default="", editable=False, max_length=64),
                ),
                ("demo_loaded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("demo_streams", models.BooleanField(db_default=True, default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_workspace")
                ],
            },
        ),
    ]
