"""After SECRET_KEY was changed: stored passwords and keys under the new one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from campaigns.channels.models import Way
from campaigns.channels.secrets import Unreadable, is_sealed_anew, seal, unseal
from campaigns.push.models import PushKey


@dataclass(slots=True)
class Sealed:
    anew: int = 0
    already: int = 0
    unreadable: int = 0
    """Neither SECRET_KEY nor SECRET_KEY_FALLBACKS has their key."""


@transaction.atomic
def seal_anew() -> Sealed:
    """Encrypt with SECRET_KEY what a key from before encrypted; what cannot be read stays as it is."""
    told = Sealed()
    for way in Way.objects.select_for_update().exclude(secrets=""):
        if sealed := _anew(way.secrets, told):
            way.secrets = sealed
            way.save(update_fields=["secrets"])
    for key in PushKey.objects.select_for_update():
        if sealed := _anew(key.private, told):
            key.private = sealed
            key.save(update_fields=["private"])
    return told


def _anew(sealed: str, told: Sealed) -> str:
    """Empty: it stays."""
    if is_sealed_anew(sealed):
        told.already += 1
        return ""
    try:
        values = unseal(sealed)
    except Unreadable:
        told.unreadable += 1
        return ""
    told.anew += 1
    return seal(values)
