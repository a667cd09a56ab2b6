"""The addresses at which those who deliver tell what became of messages.

Each holds a secret of its own, so that nobody else can tell anything.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

LENGTH = 40
PURPOSE = "campaigns.channels.hooks"


def hook_secret(channel: str, adapter: str, *, key: str | None = None) -> str:
    """It changes with SECRET_KEY and with nothing else; with `key`, that of another one."""
    text = f"{channel} {adapter}"
    return salted_hmac(PURPOSE, text, secret=key, algorithm="sha256").hexdigest()[:LENGTH]


def is_hook_secret(text: str, channel: str, adapter: str) -> bool:
    """Also one from before SECRET_KEY was changed: providers go on telling there."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    right = [constant_time_compare(text, hook_secret(channel, adapter, key=key)) for key in keys]
    return any(right)


def address_of(request: HttpRequest) -> str:
    """That a provider was given: what it signs over. A proxy before us does not change it."""
    return f"{settings.PUBLIC_URL}{request.path}"


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
