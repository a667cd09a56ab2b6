"""What any two segments share is counted once and shown a while."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0010_move_retention")]
    operations = [
        migrations.CreateModel(
            name="SharedMembers",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("counted_at", models.DateTimeField()),
                ("numbers", models.JSONField()),
            ],
            options={
                "verbose_name_plural": "shared members",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_shared_members")
                ],
            },
        ),
    ]
