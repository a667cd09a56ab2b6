"""Counts what becomes of messages as they are written, so that lists of campaigns need no counting."""

from __future__ import annotations

from django.db import migrations

# One function for all statements: of the rows as they are now, less the rows as they were.
# The numbers of subjects are those of segmentflow.models.TallySubject.
COUNT = """
    INSERT INTO segmentflow_freshtally (subject, ref, at, amount)
    SELECT told.subject, moved.campaign_id,
        date_bin('15 minutes', told.at, timestamptz '2000-01-01Z'), sum(moved.sign)
    FROM (
        {rows}
    ) AS moved (sign, campaign_id, sent_at, opened_at, clicked_at, unsubscribed_at)
    CROSS JOIN LATERAL (
        VALUES (5, moved.sent_at), (6, moved.opened_at), (7, moved.clicked_at),
            (8, moved.unsubscribed_at)
    ) AS told (subject, at)
    WHERE told.at IS NOT NULL
    GROUP BY told.subject, moved.campaign_id, 3
    HAVING sum(moved.sign) <> 0;
"""
ROWS = """
        SELECT {sign}, campaign_id, CASE WHEN state = 3 THEN sent_at END, opened_at, clicked_at,
            unsubscribed_at
        FROM {table}
        WHERE state = 3 OR opened_at IS NOT NULL OR clicked_at IS NOT NULL
            OR unsubscribed_at IS NOT NULL
"""
FRESH = ROWS.format(sign=1, table="fresh")
GONE = ROWS.format(sign=-1, table="gone")


def function(name: str, rows: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION campaigns_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {COUNT.format(rows=rows)}
            RETURN NULL;
        END
        $$
        """,
        f"DROP FUNCTION campaigns_tally_{name}()",
    )


def trigger(name: str, tables: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER campaigns_tally_{name} AFTER {name.upper()} ON campaigns_message
        REFERENCING {tables}
        FOR EACH STATEMENT EXECUTE FUNCTION campaigns_tally_{name}()
        """,
        f"DROP TRIGGER campaigns_tally_{name} ON campaigns_message",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0015_tests"),
        ("segmentflow", "0007_tallies_of_campaigns"),
    ]

    operations = [
        function("insert", FRESH),
        function("delete", GONE),
        function("update", f"{FRESH} UNION ALL {GONE}"),
        trigger("insert", "NEW TABLE AS fresh"),
        trigger("delete", "OLD TABLE AS gone"),
        trigger("update", "OLD TABLE AS gone NEW TABLE AS fresh"),
    ]
