"""Contacts, segments and ways of sending for bench/campaigns.py, and short words for what it does with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from segments.models import Segment

PATIENCE = 3600

# Mail servers take no addresses such as “lucía@…”.
ADDRESSES = (
    "UPDATE contacts_contact SET email = external_id || '@example.com'",
    """
    UPDATE contacts_identity i SET value = c.email
    FROM contacts_contact c WHERE c.id = i.contact_id AND i.kind = 'email'
    """,
)
CONSENTS = """
INSERT INTO contacts_consent (contact_id, channel, subscribed, at, recorded_at, source)
SELECT id, 'email', true, now() - interval '1 day', now(), 'bench'
FROM contacts_contact WHERE id %% 11 <> 0
"""


def prepare(contacts: int) -> dict[str, Segment]:
    """Contacts, who agreed to what, and segments that the installation itself builds."""
    from django.db import connection

    from bench.fill import fill
    from bench.latency import wait_until_built
    from segmentflow.clock import current_time
    from segments.services import create_segment

    fill(contacts=contacts * 11 // 10, events=contacts)
    with connection.cursor() as cursor:
        for statement in ADDRESSES:
            cursor.execute(statement)
        cursor.execute(CONSENTS, [])
        cursor.execute("VACUUM (ANALYZE) contacts_consent")
    last_month = {"kind": "last", "amount": 30, "unit": "day"}
    definitions: dict[str, dict[str, Any]] = {
        "everyone": {"kind": "everyone"},
        "german": {"kind": "field", "field": "country", "operator": "equals", "value": "DE"},
        "no-opens": {
            "kind": "event",
            "event": "MailOpen",
            "operator": "equals",
            "value": 0,
            "window": last_month,
        },
        "buyers": {
            "kind": "event",
            "event": "Purchase",
            "window": {"kind": "last", "amount": 1, "unit": "hour"},
        },
    }
    made = {
        key: create_segment(
            key=key,
            name=key.capitalize(),
            definition={"kind": "group", "match": "all", "children": [child]},
            author=None,
            now=current_time(),
        )
        for key, child in definitions.items()
    }
    wait_until_built(list(made))
    return made


def by_mail(port: int) -> None:
    from campaigns.channels.models import Way

    Way.objects.update_or_create(
        channel="email",
        defaults={
            "adapter": "smtp",
            "config": {
                "host": "127.0.0.1",
                "port": str(port),
                "security": "none",
                "sender_name": "Shop",
                "sender_address": "shop@shop.example",
                "postal_address": "Shop, Main Street 1",
            },
        },
    )


def into_outbox() -> None:
    from campaigns.channels.models import Way

    Way.objects.all().delete()


def limit_messages() -> None:
    from campaigns.models import SendingRules

    rules = SendingRules(cap_messages=50, cap_days=7)
    rules.save()


def no_limit() -> None:
    from campaigns.models import SendingRules

    SendingRules.objects.all().delete()


def start(campaign: Campaign) -> float:
    from campaigns.delivery.starting import start as really_start
    from segmentflow.clock import current_time

    return timed(lambda: really_start(campaign=campaign, now=current_time(), by=None))


def stop(campaign: Campaign) -> None:
    from campaigns.delivery.steering import cancel
    from segmentflow.clock import current_time

    cancel(campaign=campaign, now=current_time(), by=None)


def wait_until_done(campaign: Campaign) -> None:
    def is_done() -> bool:
        campaign.refresh_from_db()
        return campaign.status == "done"

    wait_until(is_done, seconds=PATIENCE, pause=0.1)


def wait_until(happened: Callable[[], bool], *, seconds: float, pause: float) -> None:
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            raise SystemExit(f"waited {seconds} s in vain")
        time.sleep(pause)


def people(number: int) -> Sequence[tuple[str, str]]:
    """External ids and emails of some who agreed, and bought nothing just now."""
    from contacts.models import Contact
    from segments.models import Membership

    buyers = Membership.objects.filter(segment__key="buyers").values("contact_id")
    found = Contact.objects.filter(consents__channel="email").exclude(pk__in=buyers)
    return list(found.order_by("-pk").values_list("external_id", "email")[:number])


def sent_of(campaign: Campaign) -> int:
    from campaigns.models import Message

    return Message.objects.filter(campaign=campaign, state=Message.State.SENT).count()


def campaign_contacts(campaign: Campaign) -> Sequence[int]:
    from campaigns.models import Message

    found = Message.objects.filter(campaign=campaign).order_by("contact")
    return list(found.values_list("contact_id", flat=True))


def is_quiet(contact_id: int) -> bool:
    from segments.models import Membership

    return Membership.objects.filter(contact_id=contact_id, segment__key="no-opens").exists()


def api_headers() -> dict[str, str]:
    from bench.latency import make_key

    return {"Authorization": f"Bearer {make_key()}", "Content-Type": "application/json"}


def timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
