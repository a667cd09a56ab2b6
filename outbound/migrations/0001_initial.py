"""Webhooks, and what they tell of."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contacts", "0014_mark_attributes"),
        ("segments", "0009_deadlines_by_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True, default="")),
                ("url", models.CharField(max_length=2000)),
                ("every_segment", models.BooleanField(default=False)),
                ("on_entering", models.BooleanField(default=True)),
                ("on_leaving", models.BooleanField(default=True)),
                ("on_edits", models.BooleanField(default=False)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("most_moves", models.PositiveSmallIntegerField(default=100)),
                ("wait_ms", models.PositiveSmallIntegerField(default=500)),
                ("secret", models.TextField()),
                ("former_secret", models.TextField(blank=True, default="")),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("trouble", models.TextField(blank=True, default="")),
                ("troubled_since", models.DateTimeField(blank=True, null=True)),
                ("again_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "state",
                    models.SmallIntegerField(
                        choices=[
                            (0, "Waiting"),
                            (1, "Delivered"),
                            (2, "Failed"),
                            (3, "Nothing left to send"),
                        ],
                        default=0,
                    ),
                ),
                ("is_test", models.BooleanField(default=False)),
                ("moves", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("milliseconds", models.PositiveIntegerField(blank=True, null=True)),
                ("error", models.TextField(blank=True, default="")),
                ("answer", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="outbound.webhook",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "webhook deliveries",
            },
        ),
        migrations.CreateModel(
            name="WebhookMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("entered", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("cause", models.JSONField(default=dict)),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="outbound.webhookdelivery",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="outbound.webhook",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookSegment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chosen",
                        to="outbound.webhook",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", 0)),
                fields=["webhook", "id"],
                name="webhook_deliveries_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                fields=["webhook", "state", "id"], name="webhook_deliveries_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["made_at"], name="webhook_deliveries_by_age"),
        ),
        migrations.AddIndex(
            model_name="webhookmove",
            index=models.Index(
                condition=models.Q(("delivery", None)),
                fields=["webhook", "id"],
                name="webhook_moves_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhooksegment",
            constraint=models.UniqueConstraint(
                fields=("webhook", "segment"), name="segment_once_per_webhook"
            ),
        ),
    ]
