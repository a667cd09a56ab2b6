"""An email as Django's mail machinery takes it, the same for SMTP and for providers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.crypto import salted_hmac

from campaigns.channels.handing import Email
from campaigns.keys import MessageKey

LONGEST_ERROR = 500


def written(
    email: Email, *, now: datetime, headers: Mapping[str, str], connection: Any = None
) -> EmailMultiAlternatives:
    """Plain text first, HTML as the alternative."""
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.text,
        from_email=email.sender,
        to=[email.to],
        reply_to=[email.reply_to] if email.reply_to else None,
        headers={**email.headers, **headers, "Date": format_datetime(now)},
        connection=connection,
    )
    if email.html:
        message.attach_alternative(email.html, "text/html")
    return message


def message_id(key: MessageKey | None) -> str:
    """The same for each try to send a message, so that mail programs show a second one never.

    It tells nobody whose message of which campaign it is.
    """
    if key is None:
        token = secrets.token_hex(16)
    else:
        token = salted_hmac("campaigns.message_id", key_text(key), algorithm="sha256").hexdigest()
    return f"<{token[:32]}@{_host()}>"


def _host() -> str:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host


def key_text(key: MessageKey) -> str:
    """As providers keep it for us."""
    return "-".join(str(part) for part in key)


def read_key(text: object) -> MessageKey | None:
    """None: it is none of ours."""
    parts = text.split("-") if isinstance(text, str) else []
    if len(parts) != len(MessageKey._fields):
        return None
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts):
        return None
    return MessageKey(*(int(part) for part in parts))


def said(text: object, *, address: str = "") -> str:
    """What the other side said, short, on one line, without the recipient's address."""
    line = " ".join(str(text).replace("\0", "").split())
    for form in {address, address.lower(), address.lstrip("+")} - {""}:
        line = line.replace(form, "…")
    return line if len(line) <= LONGEST_ERROR else f"{line[: LONGEST_ERROR - 1]}…"
