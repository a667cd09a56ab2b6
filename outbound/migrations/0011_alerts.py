"""What people are told about segments, and the mails that tell it."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbound", "0010_exports"),
        ("segments", "0009_deadlines_by_contact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to_owner", models.BooleanField(default=True)),
                ("is_paused", models.BooleanField(default=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "segment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AlertNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("rules", models.JSONField()),
                ("size", models.BigIntegerField()),
                ("before", models.BigIntegerField()),
                ("before_at", models.DateTimeField()),
                ("entered", models.BigIntegerField()),
                ("left", models.BigIntegerField()),
                ("causes", models.JSONField(default=dict)),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="AlertMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Not sent")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("try_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True, default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="outbound.alertnotice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("change", "Changes by more than so many per cent in a day"),
                            ("empty", "Becomes empty"),
                            ("below", "Has fewer members than"),
                            ("above", "Has more members than"),
                        ],
                        max_length=8,
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
                ("is_over", models.BooleanField(null=True)),
                ("since", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="outbound.alert",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="alertnotice",
            index=models.Index(fields=["segment", "at"], name="alert_notices_by_segment"),
        ),
        migrations.AddIndex(
            model_name="alertnotice",
            index=models.Index(fields=["at"], name="alert_notices_by_time"),
        ),
        migrations.AddIndex(
            model_name="alertmail",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["try_at"],
                name="alert_mails_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertmail",
            constraint=models.UniqueConstraint(
                fields=("notice", "user"), name="one_mail_of_a_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="alertrule",
            constraint=models.UniqueConstraint(
                fields=("alert", "kind"), name="one_alert_rule_of_a_kind"
            ),
        ),
    ]
