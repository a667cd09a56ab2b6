"""To which addresses push messages go: those of push services, and never into our own network.

Visitors send us these addresses, so without this anybody could have us call what they like.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from segmentflow.addressing import may_be_public

KNOWN: Final = (
    "fcm.googleapis.com",  # Chrome and those that are made of it
    "jmt17.google.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""Those of the usual browsers; the setting PUSH_SERVICES adds others, and “*” all that are public."""
LONGEST: Final = 2_000
PORT: Final = 443
ASCII = re.compile(r"[!-~]+")


def wrong_endpoint(endpoint: str) -> str:
    """Why no push service can be there, as a sentence; empty when one can."""
    if len(endpoint) > LONGEST or not ASCII.fullmatch(endpoint):
        return f"The endpoint is an address of at most {LONGEST:,} characters."
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "The endpoint is no address."
    if settings.PUSH_ALLOW_PRIVATE:
        return "" if parts.scheme in ("http", "https") and host else "The endpoint is no address."
    if parts.scheme != "https" or not host or port not in (None, PORT):
        return "The endpoint begins with https://, and has no other port than 443."
    if "@" in parts.netloc or parts.fragment or "\\" in endpoint:
        return "The endpoint has no user, password or fragment."
    if not _is_service(host):
        return "The endpoint is not one of a push service that is known here."
    return ""


def _is_service(host: str) -> bool:
    services = (*KNOWN, *settings.PUSH_SERVICES)
    if any(_fits(host, one.lower()) for one in services):
        return True
    return "*" in services and may_be_public(host)


def _fits(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern
