from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0017_started_by")]

    operations = [
        # What came of messages, until it is stored with them; a few rows that are written again and
        # again (delivery/noting.py). Empty after a crash of PostgreSQL, which is meant.
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE campaigns_noted (
                channel varchar(8) NOT NULL,
                slot smallint NOT NULL,
                contact_id bigint NOT NULL,
                campaign_id bigint NOT NULL,
                occasion bigint NOT NULL,
                claimed_at timestamptz NOT NULL,
                state smallint NOT NULL,
                error text NOT NULL,
                provider_id text NOT NULL,
                attempts smallint NOT NULL,
                due_at timestamptz,
                sent_at timestamptz,
                PRIMARY KEY (channel, slot)
            ) WITH (fillfactor = 50)
            """,
            "DROP TABLE campaigns_noted",
        ),
        migrations.RunSQL(
            "ALTER TABLE campaigns_sinceacrash ADD COLUMN at_once smallint NOT NULL DEFAULT 1",
            "ALTER TABLE campaigns_sinceacrash DROP COLUMN at_once",
        ),
    ]
