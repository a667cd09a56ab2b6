"""What a browser says when it subscribes: read and checked, before anything is looked up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from campaigns.channels.handing import Browser
from campaigns.push.services import LONGEST, wrong_endpoint
from contacts.problems import Problem, Refused

POINT: Final = 65
"""Bytes of p256dh: an uncompressed point of P-256."""
AUTH: Final = 16
BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def read_browser(raw: object) -> Browser:
    """A PushSubscription as JSON. Raises Refused with all that is wrong with it."""
    sent = _members(raw)
    keys = sent.get("keys")
    keys = keys if isinstance(keys, dict) else {}
    endpoint = sent.get("endpoint")
    problems = []
    if not isinstance(endpoint, str) or (said := wrong_endpoint(endpoint)):
        said = said if isinstance(endpoint, str) else "The endpoint is the address of a browser."
        problems.append(Problem("subscription.endpoint", "wrong_endpoint", said))
    point, auth = _bytes(keys.get("p256dh")), _bytes(keys.get("auth"))
    if not _is_point(point):
        said = f"The key p256dh is a point of P-256, {POINT} bytes in base64url."
        problems.append(Problem("subscription.keys.p256dh", "wrong_key", said))
    if len(auth) != AUTH:
        said = f"The key auth is {AUTH} bytes in base64url."
        problems.append(Problem("subscription.keys.auth", "wrong_key", said))
    if problems:
        raise Refused(problems)
    return Browser(digest_of(str(endpoint)), str(endpoint), _text(point), _text(auth))


def read_endpoint(raw: object) -> str:
    """Of a browser that is to be forgotten. Raises Refused."""
    endpoint = _members(raw).get("endpoint")
    if not isinstance(endpoint, str) or not 0 < len(endpoint) <= LONGEST:
        said = "The endpoint is the address of a browser."
        raise Refused([Problem("subscription.endpoint", "wrong_endpoint", said)])
    return endpoint


def digest_of(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode("utf-8", "replace")).hexdigest()


def named_browser(user_agent: str) -> str:
    """Enough for somebody to tell their browsers apart, and no more."""
    browser = next((name for part, name in BROWSERS if part in user_agent), "Browser")
    system = next((name for part, name in SYSTEMS if part in user_agent), "")
    return f"{browser} on {system}" if system else browser


def _members(raw: object) -> Mapping[str, Any]:
    if isinstance(raw, dict):
        return raw
    said = "“subscription” is an object as PushSubscription.toJSON() gives it."
    raise Refused([Problem("subscription", "wrong_type", said)])


def _bytes(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 200 or not BASE64URL.fullmatch(value):
        return b""
    try:
        return base64.urlsafe_b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_point(point: bytes) -> bool:
    if len(point) != POINT or point[0] != 4:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
