"""The live feed's index is one that only the live feed gets (events/arrival.py); built while events arrive."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("events", "0006_smaller_key")]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["type", "received_at"],
                condition=models.Q(received_at__gt=datetime(1970, 1, 1, tzinfo=UTC)),
                name="event_by_arrival",
            ),
        ),
        RemoveIndexConcurrently(model_name="event", name="event_by_type"),
    ]
