"""The log of who changed what, and rules that keep it as it is written.

Rules and no triggers: a cluster takes no triggers (docs/audit.md). They hold for superusers, too, and
raise an error where a statement would change or delete a row.
"""

from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models

PROTECT = """
CREATE FUNCTION segmentflow_refuse_audit_change() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE RULE audit_is_not_changed AS ON UPDATE TO segmentflow_auditentry
    DO INSTEAD SELECT segmentflow_refuse_audit_change();
CREATE RULE audit_is_not_deleted AS ON DELETE TO segmentflow_auditentry
    WHERE current_setting('segmentflow.forgets_audit', true) IS DISTINCT FROM 'on'
    DO INSTEAD SELECT segmentflow_refuse_audit_change();
"""
UNPROTECT = """
DROP RULE audit_is_not_deleted ON segmentflow_auditentry;
DROP RULE audit_is_not_changed ON segmentflow_auditentry;
DROP FUNCTION segmentflow_refuse_audit_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("segmentflow", "0007_tallies_of_campaigns"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("user", "People"),
                            ("key", "API keys"),
                            ("system", "SegmentFlow itself"),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=200)),
                ("action", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=300)),
                ("said", models.CharField(max_length=500)),
                ("changes", models.JSONField(default=dict)),
                ("address", models.CharField(max_length=45)),
                ("request_id", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["at"], name="audit_by_time"),
                    models.Index(fields=["kind", "key", "-id"], name="audit_by_object"),
                    models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_by_actor"),
                ],
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
        migrations.AddField(
            model_name="workspace",
            name="audit_months",
            field=models.PositiveSmallIntegerField(
                blank=True, db_default=24, default=24, null=True
            ),
        ),
    ]
