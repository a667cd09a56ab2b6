"""Values of before are kept beside their contacts, which may lie on other machines than changes do."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0015_redefined_segments"),
    ]

    operations = [
        migrations.AlterField(
            model_name="oldvalue",
            name="change",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="old_values",
                to="contacts.fieldchange",
            ),
        ),
    ]
