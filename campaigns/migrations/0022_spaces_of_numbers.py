r"""What counts as a space in a telephone number does not depend on the database's locale.

`[[:space:]]` is the server's to say, and with some it leaves out the one that does not break: such a number
could be written to, and was counted among those that cannot.
"""

from __future__ import annotations

from django.db import migrations

# As Python's \s has it (campaigns/rendering/phones.py).
SPACES = r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
PHONE = r"""
CREATE OR REPLACE FUNCTION campaigns_phone(number text, country_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE CALLED ON NULL INPUT
-- As E.164 has it, + and digits; null when it is none. A national number gets the
-- country code, if there is one, in place of its leading zeros.
RETURN substring(
    CASE
        WHEN number ~ '^[{signs}]*\+'
        THEN regexp_replace(number, '[{signs}]', '', 'g')
        WHEN number ~ '^[{signs}]*0[{signs}]*0'
        THEN '+' || substr(regexp_replace(number, '[{signs}]', '', 'g'), 3)
        WHEN country_code <> ''
        THEN '+' || country_code || ltrim(regexp_replace(number, '[{signs}]', '', 'g'), '0')
    END
    FROM '^\+[1-9][0-9]{{6,14}}$'
)
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0021_outbox_days")]
    operations = [
        migrations.RunSQL(
            PHONE.format(signs=f"{SPACES}()./-"), PHONE.format(signs="[:space:]()./-")
        ),
    ]
