"""Mails to people about their own account: whoever did not do it should know at once."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django_q.tasks import async_task

from campaigns.channels.handing import Email, Outcome
from campaigns.channels.ways import WAITED, carrier_for, way_of
from contacts.models import Channel
from contacts.problems import Refused
from segmentflow.client_address import client_address
from segmentflow.clock import current_time, workspace_zone
from segmentflow.models import User
from segmentflow.visitors import agent_of, browser_in

TEMPLATE: Final = "account/mail/notice"
PASSWORD = "Your password was changed"  # noqa: S105 - a sentence
EMAIL = "Your email was changed"
APP_ON = "An authenticator app was set up"
APP_OFF = "Your authenticator app was turned off"
PASSKEY_ON = "A passkey was added"
PASSKEY_OFF = "A passkey was removed"
CODES = "New recovery codes were made"
RESET = "An admin has reset your second factor"

logger = logging.getLogger(__name__)


def tell(request: HttpRequest, user: User, what: str, *, to: str = "") -> None:
    """In the background, for whoever has an email. `to`: the one of before."""
    if not (address := to or user.email) or not settings.WAKE_CLUSTER:
        return
    async_task(
        "segmentflow.pages.notices.send",
        what=what,
        to=address,
        name=user.get_full_name() or user.get_username(),
        at=current_time(),
        place=f"{browser_in(agent_of(request))}, {client_address(request)}".rstrip(", "),
        task_name="account notice",
    )


def send(*, what: str, to: str, name: str, at: datetime, place: str) -> None:
    """A task of django-q. What cannot be sent is only logged: nothing waits for it."""
    way, zone = way_of(Channel.EMAIL), workspace_zone()
    context = {
        "what": what,
        "name": name,
        "at": at.astimezone(zone),
        "zone": zone.key,
        "place": place,
        "url": f"{settings.PUBLIC_URL}/account/security",
    }
    email = Email(
        key=None,  # no campaign's, so it counts nowhere
        to=to,
        sender=way.sender,
        reply_to=way.text("reply_to"),
        subject=f"{what} (SegmentFlow)",
        html=render_to_string(f"{TEMPLATE}.html", context),
        text=render_to_string(f"{TEMPLATE}.txt", context),
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        with carrier_for(Channel.EMAIL, way=way, clock=current_time, patience=WAITED) as carrier:
            handed = carrier.hand(email)
    except Refused as problem:
        logger.warning("a notice about an account was not sent: %s", problem)
        return
    if handed.outcome != Outcome.ACCEPTED:
        logger.warning("a notice about an account was not sent: %s", handed.error)
