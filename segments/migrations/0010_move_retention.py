"""For how long moves are kept."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0009_deadlines_by_contact")]
    operations = [
        migrations.CreateModel(
            name="MoveRetention",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("months", models.PositiveSmallIntegerField(null=True)),
                ("is_paused", models.BooleanField(default=False)),
                ("erased_before", models.DateTimeField(null=True)),
                ("erasing_before", models.DateTimeField(null=True)),
                ("whole_from", models.DateTimeField(null=True)),
                ("floor", models.BigIntegerField(default=0)),
                ("next_floor", models.BigIntegerField(null=True)),
                ("segment_id", models.BigIntegerField(default=0)),
                ("position", models.BigIntegerField(default=0)),
                ("erased", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_move_retention")
                ],
            },
        ),
    ]
