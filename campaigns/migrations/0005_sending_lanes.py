from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SendingLane",
            fields=[
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "Email"), ("sms", "SMS"), ("push", "Push")],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("next_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(blank=True, default="")),
                ("troubled_since", models.DateTimeField(null=True)),
                ("again_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("served_at", models.DateTimeField(null=True)),
                ("served_campaign", models.BigIntegerField(default=0)),
            ],
        ),
        # PostgreSQL empties it when it recovers from a crash of its own, and with it goes the
        # promise that everything committed meanwhile is still there (delivery/recovering.py).
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE campaigns_sinceacrash (channel varchar(8) PRIMARY KEY)",
            "DROP TABLE campaigns_sinceacrash",
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(state__gt=2) | models.Q(due_at__isnull=False),
                name="message_is_due_some_time",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                fields=["status"],
                name="campaigns_under_way",
                condition=models.Q(status__in=["scheduled", "sending", "live", "cancelled"]),
            ),
        ),
    ]
