"""Fills an installation with what tests of campaigns need: python -m tests.system.campaigning PORT PEOPLE NEWCOMERS.

In a process of its own, for it speaks to the installation's database. Prints the ids of the campaigns,
which are drafts, as JSON. The mail server listens at PORT; NEWCOMERS are in no segment yet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.system.installation import TOP, Installation

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from contacts.rows import ContactRow
    from segments.models import Segment

BOUGHT = {
    "kind": "event",
    "event": "Purchase",
    "window": {"kind": "last", "amount": 7, "unit": "day"},
}


@dataclass(frozen=True)
class Filled:
    everybody: int
    """The id of the campaign that everybody gets."""
    thanks: int
    """Of the one that everybody gets who buys."""
    key: str
    """For sending events."""


NO_OPENS = {
    "kind": "event",
    "event": "MailOpen",
    "operator": "equals",
    "value": 0,
    "window": {"kind": "last", "amount": 30, "unit": "day"},
}


def fill(installation: Installation, *, port: int, people: int, newcomers: int) -> Filled:
    filled = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.system.campaigning",
            *(str(n) for n in (port, people, newcomers)),
        ],
        cwd=TOP,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert filled.returncode == 0, filled.stderr
    return Filled(**json.loads(filled.stdout.splitlines()[-1]))


def main(port: int, people: int, newcomers: int) -> None:
    import django

    django.setup()
    from campaigns.channels.models import Way
    from contacts.services import upsert_contacts
    from events.models import EventType
    from segmentflow.api.keys import create_key
    from segmentflow.clock import current_time
    from segments.models import Segment

    known = [_row(f"u{n}", city="Oslo") for n in range(people)]
    upsert_contacts(
        rows=known + [_row(f"new{n}", city="Rome") for n in range(newcomers)],
        now=current_time() - timedelta(days=1),
    )
    config = {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "sender_address": "shop@example.com",
        "postal_address": "Main Street 1",
    }
    Way.objects.create(channel="email", adapter="smtp", config=config)
    oslo = {"kind": "field", "field": "city", "operator": "equals", "value": "Oslo"}
    subject = "Thanks for {{ event.product }}"
    EventType.objects.bulk_create(EventType(key=key) for key in ("Purchase", "MailOpen"))
    _segment("quiet", NO_OPENS)
    made = Filled(
        everybody=_campaign("everybody", oslo, "Hello {{ contact.first_name }}").pk,
        thanks=_campaign("thanks", BOUGHT, subject, kind="entering").pk,
        key=create_key(name="shop", scopes=["ingest"])[1],
    )
    while Segment.objects.filter(live_version__isnull=True).exists():
        time.sleep(0.05)
    print(json.dumps(asdict(made)))  # noqa: T201 - it is asked for


def _row(name: str, *, city: str) -> ContactRow:
    from contacts.decisions import Decision
    from contacts.rows import ContactRow

    return ContactRow(
        built_in={
            "external_id": name,
            "email": f"{name}@example.com",
            "first_name": name,
            "city": city,
        },
        attributes={},
        consents=(Decision("email", subscribed=True, source="form"),),
    )


def _campaign(name: str, condition: dict[str, Any], subject: str, **values: Any) -> Campaign:
    from campaigns.models import Campaign, CampaignTarget

    blocks = [
        {"id": "a", "kind": "text", "text": f"{subject}: [look](https://shop.example/look)"},
        {"id": "b", "kind": "text", "text": "[Unsubscribe]({{ unsubscribe_url }})"},
    ]
    content = {"format": "blocks", "subject": subject, "blocks": blocks, "color": "#066fd1"}
    campaign: Campaign = Campaign.objects.create(
        name=name, channel="email", content=content, **values
    )
    CampaignTarget.objects.create(campaign=campaign, segment=_segment(f"for-{name}", condition))
    return campaign


def _segment(key: str, condition: dict[str, Any]) -> Segment:
    from segmentflow.clock import current_time
    from segments.services import create_segment

    return create_segment(
        key=key,
        name=key.capitalize(),
        definition={"kind": "group", "match": "all", "children": [condition]},
        author=None,
        now=current_time(),
    )


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
    main(*map(int, sys.argv[1:]))
