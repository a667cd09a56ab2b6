"""Second factors: an app that shows codes, passkeys, and recovery codes for when both are gone."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import segno
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex
from django_otp_webauthn.models import WebAuthnCredential

from segmentflow.audit.recording import record
from segmentflow.models import RecoveryCodes, User
from segmentflow.signin.codes import digest, is_recovery_code, new_codes

APP: Final = "Authenticator app"
KEY_BYTES: Final = 20
MOST_DELAY: Final = 10
"""Wrong codes double the pause before the next one, up to 2 ** (this - 1) seconds: whoever knows a
password may try for ever, but never keeps its owner out for longer than nine minutes."""
KIND: Final = "second factor"


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has."""

    app: Any
    """The device, or None."""
    passkeys: list[Any]
    codes_left: int

    @property
    def is_there(self) -> bool:
        return self.app is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Checked:
    device: Any = None
    """Which took the code; None: none did."""
    wait_until: datetime | None = None
    """Not looked at: there were wrong ones just now."""


def factors_of(user: User) -> Factors:
    codes = RecoveryCodes.objects.filter(user=user).first()
    return Factors(
        app=TOTPDevice.objects.filter(user=user, confirmed=True).first(),
        passkeys=list(WebAuthnCredential.objects.filter(user=user, confirmed=True).order_by("pk")),
        codes_left=len(codes.digests) if codes else 0,
    )


def has_factor(user: User) -> bool:
    return any(
        model.objects.filter(user=user, confirmed=True).exists()
        for model in (TOTPDevice, WebAuthnCredential)
    )


def who_has(users: list[int]) -> set[int]:
    """Of these users, those with a second factor."""
    found: set[int] = set()
    for model in (TOTPDevice, WebAuthnCredential):
        rows = model.objects.filter(user_id__in=users, confirmed=True)
        found.update(rows.values_list("user_id", flat=True))
    return found


def new_key() -> str:
    key: str = random_hex(KEY_BYTES)
    return key


def key_as_text(key: str) -> str:
    """As people type it into an app, in groups of four."""
    text = b32encode(bytes.fromhex(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def key_as_picture(user: User, key: str) -> str:
    """A QR code as an address that pages can show (data:)."""
    url = TOTPDevice(user=user, key=key).config_url
    picture: str = segno.make(url, error="m").png_data_uri(scale=5, border=4)
    return picture


@transaction.atomic
def add_app(*, user: User, key: str, code: str, now: datetime) -> Any:
    """The device, when the code is the key's; it takes the place of another one. Else None."""
    hold(user)
    device = TOTPDevice.objects.create(user=user, name=APP, key=key, confirmed=True)
    if not device.verify_token(code.strip().replace(" ", "")):
        transaction.set_rollback(True)
        return None
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    record(action="set up", kind=KIND, key=user.pk, name=user.get_username(), said=APP, now=now)
    return device


@transaction.atomic
def remove_app(*, user: User, now: datetime) -> None:
    hold(user)
    TOTPDevice.objects.filter(user=user).delete()
    _forget_codes_without_factor(user)
    record(action="removed", kind=KIND, key=user.pk, name=user.get_username(), said=APP, now=now)


@transaction.atomic
def remove_passkey(*, user: User, passkey: Any, now: datetime) -> None:
    hold(user)
    passkey.delete()
    _forget_codes_without_factor(user)
    said = f"passkey “{passkey.name}”"
    record(action="removed", kind=KIND, key=user.pk, name=user.get_username(), said=said, now=now)


def _forget_codes_without_factor(user: User) -> None:
    if not has_factor(user):
        RecoveryCodes.objects.filter(user=user).delete()


@transaction.atomic
def reset_factors(*, user: User, now: datetime) -> None:
    """For whoever lost all of them: an admin has made sure who it is."""
    hold(user)
    for model in (TOTPDevice, WebAuthnCredential, RecoveryCodes):
        model.objects.filter(user=user).delete()
    record(action="reset", kind=KIND, key=user.pk, name=user.get_username(), now=now)


@transaction.atomic
def make_recovery_codes(*, user: User, now: datetime) -> list[str]:
    """New ones; those of before let nobody in any more."""
    codes = new_codes()
    RecoveryCodes.objects.update_or_create(
        user=user,
        defaults={
            "name": "Recovery codes",
            "digests": [digest(code) for code in codes],
            "made_at": now,
            "throttling_failure_count": 0,
            "throttling_failure_timestamp": None,
        },
    )
    said = "recovery codes"
    record(action="changed", kind=KIND, key=user.pk, name=user.get_username(), said=said, now=now)
    return codes


@transaction.atomic
def check_code(*, user: User, code: str) -> Checked:
    """Of the app or a recovery code; each lets in once."""
    model = RecoveryCodes if is_recovery_code(code) else TOTPDevice
    typed = code.replace(" ", "")
    wait_until = None
    for device in model.objects.select_for_update().filter(user=user, confirmed=True):
        device.throttling_failure_count = min(device.throttling_failure_count, MOST_DELAY)
        allowed, why = device.verify_is_allowed()
        if not allowed:
            wait_until = why["locked_until"]
        elif device.verify_token(typed):
            return Checked(device=device)
    return Checked(wait_until=wait_until)


def hold(user: User) -> None:
    """Until the transaction ends: nobody else changes this person's factors meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
