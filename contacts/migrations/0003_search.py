"""Contacts are found by the beginnings of words in their names and identities.

The words of a text are its runs of letters and digits, lower-cased and without accents.
Built while contacts are read and written.
"""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CREATE = r"""
CREATE FUNCTION search_words(t text) RETURNS SETOF text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT DISTINCT left(word, 100)
    FROM regexp_split_to_table(
        translate(
            regexp_replace(normalize(lower(left(t, 1000)), NFKD), '[\u0300-\u036f]', '', 'g'),
            'łøđ', 'lod'
        ),
        '[^[:alnum:]]+'
    ) AS word
    WHERE word <> ''
$$;

CREATE FUNCTION contact_words(VARIADIC texts text[]) RETURNS tsvector
IMMUTABLE PARALLEL SAFE LANGUAGE sql
-- An index is built without a search path, so this is bound now and not when it runs.
RETURN array_to_tsvector(
    ARRAY(SELECT DISTINCT word FROM unnest(texts) AS t, search_words(t) AS word)
);
"""

DROP = """
DROP FUNCTION contact_words(text[]);
DROP FUNCTION search_words(text);
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contacts", "0002_exact_choices"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        AddIndexConcurrently(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("first_name"),
                    models.F("last_name"),
                    models.F("email"),
                    models.F("external_id"),
                    models.F("phone"),
                    function="contact_words",
                ),
                name="contact_by_words",
            ),
        ),
    ]
