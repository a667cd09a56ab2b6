"""What happens with events of unknown types."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0005_websites"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="unknown_types",
            field=models.CharField(
                blank=True,
                choices=[
                    ("register", "Register unknown event types"),
                    ("refuse", "Refuse events of unknown types"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
    ]
