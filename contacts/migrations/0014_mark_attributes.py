"""Marks of events tell what these carried; those that do not concern everybody, as before."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0013_field_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="pendingmark",
            name="attributes",
            field=models.TextField(null=True),
        ),
    ]
