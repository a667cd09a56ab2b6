"""Marks that imports leave stand in a lane of their own, behind what changes one by one."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contacts", "0011_contact_columns"),
    ]

    operations = [
        migrations.AddField(
            model_name="pendingmark",
            name="is_bulk",
            field=models.BooleanField(db_default=False, default=False),
        ),
        AddIndexConcurrently(
            model_name="pendingmark",
            index=models.Index(fields=["bucket", "is_bulk", "id"], name="pending_by_lane"),
        ),
        RemoveIndexConcurrently(model_name="pendingmark", name="pending_by_bucket"),
    ]
