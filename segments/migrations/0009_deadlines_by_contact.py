"""Rebuilds read the deadlines of a segment by ranges of contacts."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("segments", "0008_quicker_texts")]
    operations = [
        AddIndexConcurrently(
            "deadline",
            models.Index(fields=["segment", "contact"], name="deadlines_by_contact"),
        ),
        RemoveIndexConcurrently("deadline", "deadlines_by_segment"),
    ]
