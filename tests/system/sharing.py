"""Fills a database that machines share with all that must not be done twice: python -m tests.system.sharing MAIL HOOK.

In a process of its own, for it speaks to the database of the machines. The mail server and the receiver of
webhooks listen at these ports. Prints the key of the API.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta

PEOPLE = 150
"""Named as those of Load (load.py)."""
EXPORTS = 4
BOUGHT = {"kind": "event", "event": "Purchase"}


def main(mail: int, hook: int) -> None:
    import django

    django.setup()
    from campaigns.channels.models import Way
    from campaigns.delivery.starting import start
    from contacts.services import upsert_contacts
    from events.models import EventType
    from outbound.exports.services import create_export
    from outbound.exports.wanted import Wanted as WantedExport
    from outbound.webhooks.checking import Wanted as WantedWebhook
    from outbound.webhooks.services import create_webhook
    from segmentflow.api.keys import create_key
    from segmentflow.clock import current_time
    from segments.models import Segment
    from tests.system.campaigning import _campaign, _row, _segment

    now = current_time()
    upsert_contacts(
        rows=[_row(f"u{n}", city="Oslo") for n in range(PEOPLE)], now=now - timedelta(days=1)
    )
    config = {"host": "127.0.0.1", "port": str(mail), "security": "none"}
    config |= {"sender_address": "shop@example.com", "postal_address": "Main Street 1"}
    Way.objects.create(channel="email", adapter="smtp", config=config)
    EventType.objects.bulk_create(EventType(key=key) for key in ("Purchase", "Visit"))
    everybody = _segment("everybody", {"kind": "everyone"})
    _segment("shoppers", {"kind": "event", "event": "Visit", "operator": "at_least", "value": 3})
    thanks = _campaign("thanks", BOUGHT, "Thanks", kind="entering")
    while Segment.objects.filter(live_version__isnull=True).exists():
        time.sleep(0.05)
    create_webhook(
        wanted=WantedWebhook(
            name="Hook",
            url=f"http://127.0.0.1:{hook}/",
            every_segment=True,
            most_moves=5,
            wait_ms=50,
        ),
        author=None,
    )
    start(campaign=thanks, now=current_time(), by=None)
    for number in range(EXPORTS):
        create_export(
            segment=everybody,
            wanted=WantedExport(
                name=f"Export {number}",
                columns=("external_id",),
                schedule="hand",
                pattern=f"{number}-{{date}}-{{time}}",
            ),
            author=None,
            now=now,
        )
    print(create_key(name="load", scopes=["ingest", "read", "write"])[1])  # noqa: T201 - it is asked for


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    main(*map(int, sys.argv[1:]))
