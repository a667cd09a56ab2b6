"""Fields may change their type: what is being changed, and the values of before."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
import segmentflow.exact
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0012_bulk_marks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FieldTurn",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="field",
            name="becoming",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="FieldChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before", models.CharField(max_length=10)),
                ("after", models.CharField(max_length=10)),
                ("style", models.CharField(blank=True, default="", max_length=12)),
                ("removes", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("ready", "Waits for you"),
                            ("confirming", "Checked once more"),
                            ("converting", "Being converted"),
                            ("undoing", "Being put back"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="checking",
                        max_length=12,
                    ),
                ),
                ("position", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("fit", models.BigIntegerField(default=0)),
                ("unfit", models.BigIntegerField(default=0)),
                (
                    "examples",
                    models.JSONField(
                        decoder=segmentflow.exact.ExactDecoder,
                        default=list,
                        encoder=segmentflow.exact.ExactEncoder,
                    ),
                ),
                (
                    "problems",
                    models.JSONField(
                        decoder=segmentflow.exact.ExactDecoder,
                        default=list,
                        encoder=segmentflow.exact.ExactEncoder,
                    ),
                ),
                ("kinds", models.BigIntegerField(default=0)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "old_choices",
                    models.JSONField(
                        decoder=segmentflow.exact.ExactDecoder,
                        default=list,
                        encoder=segmentflow.exact.ExactEncoder,
                    ),
                ),
                ("has_rows", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("turned_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "field",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="contacts.field",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="OldValue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "contact_id",
                        "change_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("contact_id", models.BigIntegerField()),
                (
                    "before",
                    models.JSONField(
                        decoder=segmentflow.exact.ExactDecoder,
                        encoder=segmentflow.exact.ExactEncoder,
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        decoder=segmentflow.exact.ExactDecoder,
                        encoder=segmentflow.exact.ExactEncoder,
                        null=True,
                    ),
                ),
                ("is_removed", models.BooleanField(default=False)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="old_values",
                        to="contacts.fieldchange",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="fieldchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("done", "cancelled")), _negated=True),
                fields=("field",),
                name="one_change_at_a_time",
            ),
        ),
    ]
