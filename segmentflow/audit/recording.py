"""Adding to the log, in the transaction of what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from segmentflow.audit.acting import Actor, acting
from segmentflow.audit.models import AuditEntry
from segmentflow.audit.plain import plain_changes, short_text, storable


def record(
    *,
    action: str,
    kind: str,
    key: object = "",
    name: object = "",
    said: str = "",
    changes: Mapping[str, Sequence[Any]] | None = None,
    now: datetime | None = None,
    actor: Actor | None = None,
) -> None:
    """Note that somebody did this; call it in the transaction that does it.

    `action`: in the past tense, such as "changed"; `kind`: one of kinds.py; `key`: what addresses
    have; `changes`: by name, the pair of values before and after (plain.differences makes them). Values
    of names that sound like secrets are never kept. About contacts nothing is kept but ids and
    names of fields, so that whoever is erased stands nowhere in the log.
    `now`: the database's clock where a service is given none. `actor`: who else did it than
    whoever is at it here (acting.py).
    """
    is_at = acting()
    who = actor or is_at.actor()
    entry = AuditEntry(
        actor_kind=who.kind,
        actor_id=who.id,
        actor_name=short_text(who.name, 200),
        action=action,
        kind=kind,
        key=storable(str(key))[:200],
        name=short_text(str(name), 300),
        said=short_text(said),
        changes=plain_changes(changes or {}),
        address=is_at.address,
        request_id=storable(is_at.request_id)[:64],
    )
    if now is not None:
        entry.at = now
    entry.save(force_insert=True)
