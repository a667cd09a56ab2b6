"""Searching contacts reads the index, whatever the planner thinks of the words.

It believes that computing a contact's words is cheap and that half of all contacts may have any
word, so it would rather compute the words of everybody, which takes seconds.
"""

from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE FUNCTION contacts_with_words(query tsquery) RETURNS SETOF bigint
STABLE LANGUAGE sql ROWS 10000 SET enable_seqscan = off AS $$
    SELECT id FROM contacts_contact
    WHERE contact_words(first_name, last_name, email, external_id, phone) @@ query
$$;
"""

DROP = "DROP FUNCTION contacts_with_words(tsquery);"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_search"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
