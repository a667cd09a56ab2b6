"""Websites and their public keys: made, found, revoked, and what is remembered of their requests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from segmentflow.api.keys import USE_NOTED_EVERY
from segmentflow.api.origins import LONGEST, is_allowed
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.models import User, Website

PREFIX = "sfp_"


@transaction.atomic
def create_website(
    *,
    name: str,
    origins: Sequence[str],
    fields: Sequence[str] = (),
    created_by: User | None = None,
) -> Website:
    website = Website.objects.create(
        name=name,
        key=PREFIX + secrets.token_hex(12),
        origins=list(origins),
        fields=sorted(fields),
        created_by=created_by,
    )
    _note("created", website, changes=differences({}, _facts(website)))
    return website


@transaction.atomic
def change_website(
    *, website: Website, name: str, origins: Sequence[str], fields: Sequence[str]
) -> None:
    """Its pages follow from the next request on; the key stays."""
    before = _facts(website)
    website.name, website.origins, website.fields = name, list(origins), sorted(fields)
    website.save(update_fields=["name", "origins", "fields"])
    if changes := differences(before, _facts(website)):
        _note("changed", website, changes=changes)


def _facts(website: Website) -> dict[str, Any]:
    return {"name": website.name, "origins": website.origins, "fields": website.fields}


def _note(action: str, website: Website, **more: Any) -> None:
    record(action=action, kind="website", key=website.pk, name=website.name, **more)


def find_website(key: str) -> Website | None:
    """The one whose key this is, revoked or not."""
    if not key.startswith(PREFIX) or "\0" in key:
        return None
    return Website.objects.filter(key=key).first()


@transaction.atomic
def revoke_website(*, website: Website, now: datetime) -> bool:
    """Its pages are refused from the next request on; False when they were anyway."""
    live = Website.objects.filter(pk=website.pk, revoked_at=None)
    is_revoked = bool(live.update(revoked_at=now))
    if is_revoked:
        _note("revoked", website, now=now)
    return is_revoked


def is_any_allowed(origin: str) -> bool:
    """Whether any website is there: a browser that asks beforehand does not say which."""
    live = Website.objects.filter(revoked_at=None).values_list("origins", flat=True).order_by()
    return any(is_allowed(origin, origins) for origins in live)


def note_sent(*, website: Website, origin: str, now: datetime) -> None:
    """At most once a minute for one origin, for every request sends something."""
    last = website.last_sent_at
    if last is None or now - last > USE_NOTED_EVERY or website.last_origin != origin:
        Website.objects.filter(pk=website.pk).update(last_sent_at=now, last_origin=origin)


def note_refused(*, website: Website, origin: str, now: datetime) -> None:
    Website.objects.filter(pk=website.pk).update(
        refused=F("refused") + 1, refused_origin=shown_origin(origin), refused_at=now
    )


def shown_origin(origin: str) -> str:
    """Whatever was sent, fit to be stored."""
    return origin.replace("\0", "")[:LONGEST]
