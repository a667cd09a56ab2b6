"""Names what campaigns count."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0006_unknown_types"),
    ]

    operations = [
        migrations.AlterField(
            model_name="freshtally",
            name="subject",
            field=models.SmallIntegerField(
                choices=[
                    (1, "Contacts that came"),
                    (2, "Events by when they occurred (ref: event type)"),
                    (3, "Contacts that entered (ref: segment)"),
                    (4, "Contacts that left (ref: segment)"),
                    (5, "Messages that were sent (ref: campaign)"),
                    (6, "Messages that were opened (ref: campaign)"),
                    (7, "Messages of which a link was followed (ref: campaign)"),
                    (8, "Messages after which somebody unsubscribed (ref: campaign)"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="tally",
            name="subject",
            field=models.SmallIntegerField(
                choices=[
                    (1, "Contacts that came"),
                    (2, "Events by when they occurred (ref: event type)"),
                    (3, "Contacts that entered (ref: segment)"),
                    (4, "Contacts that left (ref: segment)"),
                    (5, "Messages that were sent (ref: campaign)"),
                    (6, "Messages that were opened (ref: campaign)"),
                    (7, "Messages of which a link was followed (ref: campaign)"),
                    (8, "Messages after which somebody unsubscribed (ref: campaign)"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="total",
            name="subject",
            field=models.SmallIntegerField(
                choices=[
                    (1, "Contacts that came"),
                    (2, "Events by when they occurred (ref: event type)"),
                    (3, "Contacts that entered (ref: segment)"),
                    (4, "Contacts that left (ref: segment)"),
                    (5, "Messages that were sent (ref: campaign)"),
                    (6, "Messages that were opened (ref: campaign)"),
                    (7, "Messages of which a link was followed (ref: campaign)"),
                    (8, "Messages after which somebody unsubscribed (ref: campaign)"),
                ]
            ),
        ),
    ]
