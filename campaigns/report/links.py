"""Which links of a campaign's messages were followed, how often and by how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from campaigns.models import Campaign

MOST: Final = 50
"""Links shown."""
ALIKE: Final = 5
"""Where more addresses differ after "?" or "#" only, they do so from contact to contact."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    people: int
    clicks: int
    machines: int
    """Clicks of scanners and prefetchers; they are in no other number."""
    addresses: int
    """More than one where addresses that differ after "?" or "#" were taken together."""


@dataclass(frozen=True, slots=True)
class Links:
    shown: tuple[Link, ...]
    """The most clicked first."""
    others: int
    """Links that are not shown."""
    other_clicks: int
    people: int
    """Contacts who followed any link at all."""
    clicks: int
    machines: int


def links_of(campaign: Campaign) -> Links:
    """Each address alone; of many that differ after "?" or "#" only, what comes before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH clicks AS MATERIALIZED (
                SELECT url COLLATE "C" AS url, contact_id,
                    count(*) FILTER (WHERE is_counted) AS counted, count(*) AS everything
                FROM campaigns_click
                WHERE campaign_id = %(campaign)s
                GROUP BY 1, contact_id
            ),
            addresses AS (
                SELECT url, substring(url FROM '^[^?#]*') AS base FROM clicks GROUP BY url
            ),
            named AS MATERIALIZED (
                SELECT url,
                    CASE WHEN count(*) OVER (PARTITION BY base) > %(alike)s THEN base ELSE url END
                        AS link
                FROM addresses
            ),
            links AS (
                SELECT link,
                    count(DISTINCT contact_id) FILTER (WHERE counted > 0) AS people,
                    sum(counted)::bigint AS counted,
                    sum(everything - counted)::bigint AS machines,
                    count(DISTINCT url) AS addresses
                FROM clicks JOIN named USING (url)
                GROUP BY link
            ),
            ranked AS (
                SELECT *, row_number() OVER (ORDER BY counted DESC, people DESC, link) AS place
                FROM links
            )
            SELECT link, people, counted, machines, addresses FROM ranked
            WHERE place <= %(most)s
            UNION ALL
            SELECT NULL, (SELECT count(DISTINCT contact_id) FROM clicks WHERE counted > 0),
                coalesce(sum(counted), 0)::bigint, coalesce(sum(machines), 0)::bigint, count(*)
            FROM ranked
            """,
            {"campaign": campaign.pk, "most": MOST, "alike": ALIKE},
        )
        rows = cursor.fetchall()
    _, people, clicks, machines, amount = next(row for row in rows if row[0] is None)
    shown = tuple(Link(*row) for row in rows if row[0] is not None)
    in_order = tuple(sorted(shown, key=lambda link: (-link.clicks, -link.people, link.url)))
    return Links(
        shown=in_order,
        others=amount - len(shown),
        other_clicks=clicks - sum(link.clicks for link in shown),
        people=people,
        clicks=clicks,
        machines=machines,
    )
