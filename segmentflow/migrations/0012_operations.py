"""What is seen from outside: counts that only grow, where it runs, and how fresh segments were."""

from __future__ import annotations

from django.db import migrations, models

SUBJECTS = [
    (1, "Contacts that came"),
    (2, "Events by when they occurred (ref: event type)"),
    (3, "Contacts that entered (ref: segment)"),
    (4, "Contacts that left (ref: segment)"),
    (5, "Messages that were sent (ref: campaign)"),
    (6, "Messages that were opened (ref: campaign)"),
    (7, "Messages of which a link was followed (ref: campaign)"),
    (8, "Messages after which somebody unsubscribed (ref: campaign)"),
    (9, "Events that were stored, by when they came (ref: source)"),
    (10, "Events that were there already (ref: source)"),
    (11, "Events that were refused (ref: source)"),
    (12, "Requests that were answered (ref: area and kind of answer)"),
    (13, "Requests by how long they took (ref: area and step)"),
    (14, "Contacts that entered or left (ref: twice the segment, plus 1 for entering)"),
    (15, "Changes by how long they waited (ref: lane and step)"),
    (16, "Deadlines by how late they were met (ref: step)"),
    (17, "Evaluations (ref: segment)"),
    (18, "Microseconds of evaluations (ref: segment)"),
    (19, "Messages handed over (ref: channel and what came of it)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0010_signing_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("place", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("machine", models.CharField(max_length=100)),
                ("version", models.CharField(max_length=40)),
                ("seen_at", models.DateTimeField()),
                ("watched_at", models.DateTimeField(null=True)),
                ("report", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="FreshMinute",
            fields=[
                ("at", models.DateTimeField(primary_key=True, serialize=False)),
                ("oldest_ms", models.BigIntegerField()),
                ("late_ms", models.BigIntegerField()),
            ],
        ),
        *(
            migrations.AlterField(
                model_name=name,
                name="subject",
                field=models.SmallIntegerField(choices=SUBJECTS),
            )
            for name in ("freshtally", "tally", "total")
        ),
    ]
