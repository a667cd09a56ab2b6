"""Whether somebody wants the demonstration data."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0003_tallies_and_workspace"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="demo_asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
