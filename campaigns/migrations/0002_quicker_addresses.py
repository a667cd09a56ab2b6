"""The same answers about addresses, in forms that PostgreSQL builds into the statement."""

from __future__ import annotations

from django.db import migrations

EMAIL = r"""
CREATE OR REPLACE FUNCTION campaigns_email(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE CALLED ON NULL INPUT
-- A mailbox of RFC 5321 without quoting; null when it is none. Lengths are not in the
-- pattern: counted repetitions cost twenty times as much.
RETURN CASE
    WHEN length(address) <= 254
        AND address ~ '^[^[:cntrl:][:space:]()<>@,;:\\"\[\]]+@([[:alnum:]]([[:alnum:]-]*[[:alnum:]])?\.)+[[:alpha:]][[:alnum:]-]*[[:alnum:]]$'
        AND address NOT LIKE '.%' AND strpos(address, '..') = 0 AND strpos(address, '.@') = 0
        AND (
            length(address) <= 64
            OR (strpos(address, '@') <= 65 AND address !~ '@(.*\.)?[^.]{64}')
        )
    THEN address
END
"""
PHONE = r"""
CREATE OR REPLACE FUNCTION campaigns_phone(number text, country_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE CALLED ON NULL INPUT
-- As E.164 has it, + and digits; null when it is none. A national number gets the
-- country code, if there is one, in place of its leading zeros.
RETURN substring(
    CASE
        WHEN number ~ '^[[:space:]()./-]*\+'
        THEN regexp_replace(number, '[[:space:]()./-]', '', 'g')
        WHEN number ~ '^[[:space:]()./-]*0[[:space:]()./-]*0'
        THEN '+' || substr(regexp_replace(number, '[[:space:]()./-]', '', 'g'), 3)
        WHEN country_code <> ''
        THEN '+' || country_code || ltrim(regexp_replace(number, '[[:space:]()./-]', '', 'g'), '0')
    END
    FROM '^\+[1-9][0-9]{6,14}$'
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_former_contacts"),
    ]

    operations = [
        migrations.RunSQL(EMAIL, migrations.RunSQL.noop),
        migrations.RunSQL(PHONE, migrations.RunSQL.noop),
    ]
