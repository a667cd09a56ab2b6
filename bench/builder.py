"""How long the visual builder waits for its numbers on a large database.

    python -m bench.fill                   # once, on an empty database
    python -m bench.builder --prepare      # the first time: the fields and segments of the shared cases
    python -m bench.builder

Counts every definition of tests/cases/conditions.jsonl, its dates moved so that they lie about now
as they did about the case's own now, and suggests values. One at a time, the first answer of each
counts: nobody asks the same twice.
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import django
from django.test import override_settings

EXACT_SECONDS = 30
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

FIELDS = """
UPDATE contacts_contact SET attributes = attributes || jsonb_strip_nulls(jsonb_build_object(
    'Status_VIP', (ARRAY['Gold', 'gold', 'Platinum', 'Silver', 'pro', '100%', NULL, NULL, NULL,
        NULL])[1 + floor(10 * random())::int],
    'Plan', (ARRAY['free', 'pro', 'old_plan', 'Gold', 'shoes', NULL])[1 + floor(6 * power(random(), 2))::int],
    'Purchase_value_12m', CASE WHEN random() < 0.6 THEN round((3000 * power(random(), 3))::numeric, 2) END,
    'Purchase_count', CASE WHEN random() < 0.6 THEN floor(60 * power(random(), 3)) END,
    'Loyalty_program', CASE WHEN random() < 0.7 THEN random() < 0.4 END,
    'Marketing_consent', CASE WHEN random() < 0.8 THEN random() < 0.6 END,
    'Last_visit_date', CASE WHEN random() < 0.8 THEN (now() - 900 * power(random(), 2) * interval '1 day')::date END,
    'Account_opening_date', CASE WHEN random() < 0.7 THEN (now() - 4000 * random() * interval '1 day')::date END,
    'Account_opened', CASE WHEN random() < 0.7 THEN now() - 4000 * random() * interval '1 day' END,
    'Birthday', CASE WHEN random() < 0.5 THEN date '1945-01-01' + (22000 * random())::int END,
    'Favourite_country', (ARRAY['spain', 'Italy', 'PL', 'Gold', 'old', NULL, NULL])[1 + floor(7 * random())::int],
    'Product_type', CASE WHEN random() < 0.5 THEN CASE WHEN random() < 0.3
        THEN '["personal account", "credit card"]'::jsonb ELSE '["personal account"]' END END,
    'Interests', CASE WHEN random() < 0.6 THEN (SELECT jsonb_agg(word) FROM unnest(ARRAY['shoes', 'hats',
        'travel', 'wine', 'TRAVEL', 'Hats']) AS word WHERE hashtext(word || id) % 3 = 0) END
))
"""
VALUES = [
    ("field", "Status_VIP", "text", ""),
    ("field", "Plan", "text", "pro"),
    ("field", "country", "text", ""),
    ("field", "email", "text", ""),
    ("field", "email", "text", "anna"),
    ("field", "email", "text", "zzzz"),
    ("field", "Purchase_count", "number", ""),
    ("field", "Purchase_value_12m", "number", "12"),
    ("field", "Interests", "list", ""),
    ("attribute", "Purchase", "category", ""),
    ("attribute", "Purchase", "product.sku", "sho"),
    ("attribute", "MailOpen", "topic", ""),
    ("attribute", "Unsubscribe", "product.tags", ""),
    ("attribute", "Page_visit", "url", "zzzz"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="add what the cases name, and exit")
    parser.add_argument("--slowest", type=int, default=5, help="how many to name")
    parser.add_argument("--exact", action="store_true", help="also count to the end; takes minutes")
    options = parser.parse_args()
    django.setup()
    if options.prepare:
        prepare()
        return
    report_counts(options.slowest, with_exact=options.exact)
    report_suggestions()


def prepare() -> None:
    from django.db import connection

    from contacts.fields import create_field
    from contacts.models import Field
    from segmentflow.clock import current_time
    from segmentflow.tallies import roll_up
    from segments.engine.settle import settle
    from segments.services import create_segment
    from tests.cases import WORLDS

    now = current_time()
    known = set(Field.objects.values_list("key", flat=True))
    for key, type_ in {
        key: type_ for world in WORLDS for key, type_ in world.fields.items()
    }.items():
        if key not in known:
            create_field(raw={"key": key, "type": type_}, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.25)")
        cursor.execute(FIELDS)
        cursor.execute("VACUUM (FULL, ANALYZE) contacts_contact")
        cursor.execute("VACUUM contacts_contact")
    for world in WORLDS:
        for key, definition in world.segments.items():
            given = moved(definition, now - world.now)
            create_segment(key=key, name=key, definition=given, author=None, now=now)
    settle(now=now)
    roll_up()  # as the watching process of an installation does all the time


def moved(node: Any, distance: timedelta) -> Any:
    """The definition with its dates and times so much later."""
    if isinstance(node, dict):
        return {key: moved(value, distance) for key, value in node.items()}
    if isinstance(node, list):
        return [moved(item, distance) for item in node]
    if not isinstance(node, str) or not DAY.match(node):
        return node
    if DAY.fullmatch(node):
        return (date.fromisoformat(node) + timedelta(days=distance.days)).isoformat()
    at = datetime.fromisoformat(node)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) + distance).isoformat()


def report_counts(slowest: int, *, with_exact: bool) -> None:
    from tests.cases import CASES

    quick, exact, errors = [], [], []
    are_exact = 0
    for case in CASES:
        with override_settings(TIME_ZONE=case.world.zone):
            took, counted = timed(counting(case, "quickly"))
            quick.append((took, case.name))
            are_exact += counted.is_exact
            if with_exact:
                took, right = timed(counting(case, "exactly"))
                exact.append((took, case.name))
                if right is not None and not counted.is_exact:
                    errors.append(abs(right.count - counted.count) / right.total)
    print(f"{'median':>8} {'95 %':>8} {'longest':>8}")
    print(f"{line(quick)}  count_quickly of {len(CASES)} definitions, {are_exact} of them exact")
    if exact:
        print(f"{line(exact)}  count_exactly ({EXACT_SECONDS} s at most)")
        print(
            f"Estimates are wrong by {100 * statistics.median(errors):.1f} % of all contacts in the"
            f" median, {100 * max(errors):.1f} % at most."
        )
    for times in (quick, exact):
        for took, name in sorted(times, reverse=True)[:slowest]:
            print(f"{took:>5.0f} ms  {name}")


def counting(case: Any, how: str) -> Callable[[], Any]:
    """From the definition on, as the page has it."""
    from segmentflow.clock import current_time
    from segments.catalog import current_catalog
    from segments.conditions.parse import parse
    from segments.engine.counting import TooSlow, count_exactly, count_quickly

    now = current_time()
    group = parse(moved(case.definition, now - case.world.now), current_catalog())

    def exactly() -> Any:
        try:
            return count_exactly(group, now=now, token="bench")  # noqa: S106 - a name, not a secret
        except TooSlow:
            return None

    return exactly if how == "exactly" else lambda: count_quickly(group, now=now)


def report_suggestions() -> None:
    from segments.builder.suggestions import attribute_values, field_values

    for kind, key, which, words in VALUES:
        if kind == "field":
            call = partial(field_values, field_key=key, type=which, words=words)
        else:
            call = partial(attribute_values, event_key=key, attribute=which, words=words)
        took = [(timed(call)[0], key) for _ in range(10)]
        print(f"{line(took)}  suggestions: {key} {which} {words!r}")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and the answer."""
    begun = time.perf_counter()
    answer = call()
    return 1000 * (time.perf_counter() - begun), answer


def line(times: list[tuple[float, str]]) -> str:
    took = sorted(time for time, _ in times)
    late = took[min(len(took) - 1, math.ceil(0.95 * len(took)) - 1)]
    return f"{statistics.median(took):>5.0f} ms {late:>5.0f} ms {took[-1]:>5.0f} ms"


if __name__ == "__main__":
    main()
