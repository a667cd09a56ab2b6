"""Marks of contacts whose events are kept no longer."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_quicker_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pendingmark",
            name="kind",
            field=models.SmallIntegerField(
                choices=[
                    (1, "Created"),
                    (2, "Field"),
                    (3, "Event"),
                    (4, "Segment"),
                    (5, "Erased"),
                ]
            ),
        ),
    ]
