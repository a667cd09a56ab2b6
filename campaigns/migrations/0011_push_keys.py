from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import MD5


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_outbox_once")]

    operations = [
        migrations.CreateModel(
            name="PushKey",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("public", models.CharField(max_length=100)),
                ("private", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_push_key")
                ]
            },
        ),
        # An index holds no long address, but its digest.
        migrations.RemoveConstraint(model_name="shortlink", name="one_short_link_per_address"),
        migrations.AddConstraint(
            model_name="shortlink",
            constraint=models.UniqueConstraint(
                "contact_id", "campaign_id", "occasion", MD5("url"), name="one_short_link"
            ),
        ),
    ]
