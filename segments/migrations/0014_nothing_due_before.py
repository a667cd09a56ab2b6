"""Before which instant no deadline is left to meet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0013_rebuild_was_current"),
    ]

    operations = [
        migrations.AddField(
            model_name="engineclock",
            name="nothing_due_before",
            field=models.DateTimeField(null=True),
        ),
    ]
