from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_sending_lanes")]

    operations = [
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_test", False)),
                fields=("contact_id", "campaign_id", "occasion"),
                name="one_outbox_message",
            ),
        ),
    ]
