from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0013_changes")]

    operations = [
        migrations.CreateModel(
            name="FormerContact",
            fields=[
                ("former_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("contact_id", models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
