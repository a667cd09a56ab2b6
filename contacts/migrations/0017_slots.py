"""What is held in place of contacts' rows while something is stored about them (contacts/locks.py)."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0016_old_values_apart"),
    ]

    operations = [
        # Not a model: its rows are there from the beginning, and nobody ever reads or changes them.
        migrations.RunSQL(
            """
            CREATE TABLE contacts_slot (id integer PRIMARY KEY);
            INSERT INTO contacts_slot SELECT generate_series(0, 65535);
            """,
            "DROP TABLE contacts_slot",
        ),
    ]
