"""SQL functions that read JSON values as a type; their meaning is docs/conditions.md, section 3.

Each answers NULL for a value that is missing or not of the type, and never an error, so
that one strange event cannot break a query. The short ones are single expressions, which
PostgreSQL puts in line.
"""

from __future__ import annotations

from django.db import migrations

# A wholly decimal number. 130 digits are far below what `numeric` can hold.
NUMBER = r"'^[+-]?(\d{1,130}(\.\d{0,130})?|\.\d{1,130})$'"
DAY = r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?"
OFFSET = r"(Z|z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"

CREATE = rf"""
CREATE FUNCTION json_text(v jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN jsonb_typeof(v) IN ('string', 'number', 'boolean') THEN v #>> '{{}}' END
$$;

CREATE FUNCTION text_number(v text) RETURNS numeric IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN v ~ {NUMBER} THEN v::numeric END
$$;

CREATE FUNCTION json_number(v jsonb) RETURNS numeric IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE jsonb_typeof(v)
        WHEN 'number' THEN (v #>> '{{}}')::numeric
        WHEN 'string' THEN text_number(v #>> '{{}}')
    END
$$;

CREATE FUNCTION json_boolean(v jsonb) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE
        WHEN v IN ('true'::jsonb, '"true"'::jsonb) THEN true
        WHEN v IN ('false'::jsonb, '"false"'::jsonb) THEN false
        WHEN jsonb_typeof(v) = 'string' AND lower(v #>> '{{}}') IN ('true', 'false')
            THEN lower(v #>> '{{}}') = 'true'
    END
$$;

CREATE FUNCTION first_instant(d date, zone text) RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE sql AS $$
    -- Where the clock goes back over midnight, the day begins with the earlier reading.
    SELECT CASE
        WHEN (((d::timestamp AT TIME ZONE zone) - interval '1 hour') AT TIME ZONE zone)::date = d
            THEN (d::timestamp AT TIME ZONE zone) - interval '1 hour'
        ELSE d::timestamp AT TIME ZONE zone
    END
$$;

-- Not in line: their argument is long and needed often.

CREATE FUNCTION is_day(v text) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    -- v begins with digits like 2026-02-29.
    y int := substr(v, 1, 4)::int;
    m int := substr(v, 6, 2)::int;
    d int := substr(v, 9, 2)::int;
BEGIN
    RETURN y > 0 AND d <= CASE
        WHEN m IN (4, 6, 9, 11) THEN 30
        WHEN m <> 2 THEN 31
        WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29
        ELSE 28
    END;
END
$$;

CREATE FUNCTION text_instant(v text, zone text) RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
    IF v IS NULL OR v !~ '^{DAY}([T ]{TIME}{OFFSET}?)?$' OR NOT is_day(v) THEN
        RETURN NULL;
    ELSIF length(v) = 10 THEN
        RETURN first_instant(v::date, zone);
    ELSIF v ~ '{OFFSET}$' THEN
        RETURN replace(v, ',', '.')::timestamptz;
    END IF;
    RETURN replace(v, ',', '.')::timestamp AT TIME ZONE zone;
END
$$;

CREATE FUNCTION text_date(v text, zone text) RETURNS date STABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
    IF v ~ '^{DAY}$' THEN
        RETURN CASE WHEN is_day(v) THEN v::date END;
    END IF;
    RETURN (text_instant(v, zone) AT TIME ZONE zone)::date;
END
$$;
"""

DROP = """
DROP FUNCTION text_date(text, text);
DROP FUNCTION text_instant(text, text);
DROP FUNCTION first_instant(date, text);
DROP FUNCTION is_day(text);
DROP FUNCTION json_boolean(jsonb);
DROP FUNCTION json_number(jsonb);
DROP FUNCTION text_number(text);
DROP FUNCTION json_text(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
