from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

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
