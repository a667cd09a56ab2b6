"""Which rows of memberships were written meanwhile, seen in the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Written:
    differences: int = 0
    """Contacts that are members now and were not before, or the other way round."""
    excess: int = 0
    """Memberships written anew that were there before, and transitions without a difference."""


class Rows:
    """Remembers the memberships of some segments, and compares."""

    def __init__(self, segment_ids: list[int]) -> None:
        self._segment_ids = segment_ids
        self._newest_transition = 0
        self.newest_rebuild = 0

    def __enter__(self) -> Self:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                """
                CREATE TEMPORARY TABLE bench_rows AS
                SELECT contact_id, segment_id, ctid AS place, xmin::text AS writer
                FROM segments_membership WHERE segment_id = ANY(%s)
                """,
                [self._segment_ids],
            )
            cursor.execute(
                """
                SELECT COALESCE((SELECT max(seq) FROM segments_transition), 0),
                    COALESCE((SELECT max(id) FROM segments_rebuild), 0)
                """
            )
            self._newest_transition, self.newest_rebuild = cursor.fetchone()
        return self

    def __exit__(self, *_: object) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_rows")

    def written(self) -> dict[int, Written]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH stored AS (
                    SELECT contact_id, segment_id, ctid AS place, xmin::text AS writer
                    FROM segments_membership WHERE segment_id = ANY(%(segments)s)
                ),
                compared AS (
                    SELECT segment_id, old.writer IS NULL OR stored.writer IS NULL AS differs,
                        (old.place, old.writer) IS DISTINCT FROM (stored.place, stored.writer)
                            AS is_other
                    FROM bench_rows old FULL JOIN stored USING (contact_id, segment_id)
                ),
                logged AS (
                    SELECT segment_id, count(*) AS n FROM segments_transition
                    WHERE segment_id = ANY(%(segments)s) AND seq > %(newest)s
                    GROUP BY segment_id
                )
                SELECT segment_id, count(*) FILTER (WHERE differs),
                    count(*) FILTER (WHERE is_other AND NOT differs), COALESCE(max(n), 0)
                FROM compared LEFT JOIN logged USING (segment_id)
                GROUP BY segment_id
                """,
                {"segments": self._segment_ids, "newest": self._newest_transition},
            )
            found = {
                segment_id: Written(differences, rewritten + abs(logged - differences))
                for segment_id, differences, rewritten, logged in cursor.fetchall()
            }
        return {segment_id: found.get(segment_id, Written()) for segment_id in self._segment_ids}
