"""The live feed reads the newest events of each type; built while events arrive."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contacts", "0002_exact_choices"),
        ("events", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["type", "received_at"], name="event_by_type"),
        ),
        RemoveIndexConcurrently(
            model_name="event",
            name="event_by_received",
        ),
    ]
