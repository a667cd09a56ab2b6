"""After SECRET_KEY was changed: stored passwords and keys under the new one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model

from campaigns.channels.models import Way
from campaigns.channels.secrets import Unreadable, is_sealed_anew, seal, unseal
from campaigns.push.models import PushKey


@dataclass(slots=True)
class Sealed:
    anew: int = 0
    already: int = 0
    unreadable: int = 0
    """Neither SECRET_KEY nor SECRET_KEY_FALLBACKS has their key."""


_kept: dict[type[Model], tuple[str, ...]] = {Way: ("secrets",), PushKey: ("private",)}


def on_seal_anew(model: type[Model], *names: str) -> None:
    """Have what these fields of a model hold encrypted anew, too."""
    _kept[model] = names


@transaction.atomic
def seal_anew() -> Sealed:
    """Encrypt with SECRET_KEY what a key from before encrypted; what cannot be read stays as it is."""
    told = Sealed()
    for model, names in _kept.items():
        for row in model._default_manager.select_for_update():
            for name in names:
                _seal_in(row, name, told)
    return told


def _seal_in(row: Model, name: str, told: Sealed) -> None:
    stored = getattr(row, name)
    if stored and (sealed := _anew(stored, told)):
        setattr(row, name, sealed)
        row.save(update_fields=[name])


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
