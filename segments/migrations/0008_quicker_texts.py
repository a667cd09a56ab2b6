"""Texts in JSON are asked for by every filter; comparing with an array of type names took most of it."""

from __future__ import annotations

from django.db import migrations

QUICKER = """
CREATE OR REPLACE FUNCTION json_text(v jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'object' THEN NULL WHEN 'array' THEN NULL ELSE v #>> '{}' END
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION json_text(v jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN jsonb_typeof(v) IN ('string', 'number', 'boolean') THEN v #>> '{}' END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("segments", "0007_builder_drafts")]
    operations = [migrations.RunSQL(QUICKER, BEFORE)]
