r"""Numbers and dates are written with 0 to 9, whatever the database's locale calls a digit.

Under an ICU locale `\d` also matches digits of other scripts, which no cast can read: one
event with "٣" would have made every query over it fail.
"""

from __future__ import annotations

from django.db import migrations

NUMBER = r"'^[+-]?([0-9]{1,130}(\.[0-9]{0,130})?|\.[0-9]{1,130})$'"
DAY = r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
OFFSET = r"(Z|z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"

REPLACE = rf"""
CREATE OR REPLACE FUNCTION text_number(v text) RETURNS numeric
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN v ~ {NUMBER} THEN v::numeric END
$$;

CREATE OR REPLACE FUNCTION text_instant(v text, zone text) RETURNS timestamptz
STABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION text_date(v text, zone text) RETURNS date
STABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
    IF v ~ '^{DAY}$' THEN
        RETURN CASE WHEN is_day(v) THEN v::date END;
    END IF;
    RETURN (text_instant(v, zone) AT TIME ZONE zone)::date;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_exact_definitions")]
    operations = [migrations.RunSQL(REPLACE, migrations.RunSQL.noop)]
