"""The addresses at which those who deliver tell what became of messages.

Each holds a secret of its own, so that nobody else can tell anything.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

LENGTH = 40


def hook_secret(channel: str, adapter: str) -> str:
    """It changes with SECRET_KEY and with nothing else."""
    purpose = "campaigns.channels.hooks"
    return salted_hmac(purpose, f"{channel} {adapter}", algorithm="sha256").hexdigest()[:LENGTH]


def is_hook_secret(text: str, channel: str, adapter: str) -> bool:
    return constant_time_compare(text, hook_secret(channel, adapter))


def hook_address(channel: str, adapter: str) -> str:
    secret = hook_secret(channel, adapter)
    if channel == "email":
        path = reverse("email_hook", args=[adapter, secret])
    else:
        path = reverse("sms_hook", args=[secret])
    return f"{settings.PUBLIC_URL}{path}"


def is_public() -> bool:
    """Whether others can reach us at PUBLIC_URL, as far as its host tells."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".lan"))
