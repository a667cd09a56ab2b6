"""Pictures are taken and deleted here; nothing deletes one that a campaign uses."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import PurePath
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from campaigns.models import Campaign
from campaigns.pictures.models import Picture
from campaigns.pictures.reading import EXTENSIONS, NotAPicture, read_picture
from contacts.problems import Conflict, Problem, Refused
from segmentflow.audit.recording import record
from segmentflow.models import User

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_PICTURES: Final = 2_000
TOO_LARGE = "A picture has 2 MB at most: mail programs have to load it."


@transaction.atomic
def keep_picture(*, name: str, data: bytes, author: User | None, now: datetime) -> Picture:
    """Raises Refused for what is no picture, or too large."""
    if len(data) > MOST_BYTES:
        raise Refused([Problem("file", "too_large", TOO_LARGE)])
    try:
        facts = read_picture(data)
    except NotAPicture as problem:
        raise Refused([Problem("file", "not_a_picture", str(problem))]) from None
    if Picture.objects.count() >= MOST_PICTURES:
        said = f"There are {MOST_PICTURES:,} pictures already. Delete some that nobody uses."
        raise Refused([Problem("file", "too_many", said)])
    picture = Picture.objects.create(
        token=secrets.token_urlsafe(18),
        name=_tidy(name),
        content_type=facts.content_type,
        data=data,
        width=facts.width,
        height=facts.height,
        author=author,
        created_at=now,
    )
    record(action="created", kind="picture", key=picture.pk, name=picture.name, now=now)
    return picture


def _tidy(name: str) -> str:
    """What a browser called the file, without where it lay."""
    kept = "".join(sign for sign in PurePath(name).name if sign.isprintable())
    return kept[-200:].strip() or "Picture"


@transaction.atomic
def delete_picture(*, picture: Picture) -> None:
    """Raises Conflict while a campaign uses it: what was sent still shows it."""
    held = Picture.objects.select_for_update().only("pk", "token", "name").get(pk=picture.pk)
    if users := campaigns_with(held):
        names = ", ".join(f"“{user.name}”" for user in users)
        raise Conflict(f"“{held.name}” is used by {names}, so it stays.")
    record(action="deleted", kind="picture", key=held.pk, name=held.name)
    held.delete()


def campaigns_with(picture: Picture) -> list[Campaign]:
    """Those whose message shows it, as it is now, as it was sent, or as it is kept for another
    channel or format; a few of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM campaigns_campaign
            WHERE position(%(token)s IN content::text) > 0
               OR position(%(token)s IN frozen::text) > 0
               OR position(%(token)s IN contents_aside::text) > 0
            ORDER BY id DESC LIMIT 5
            """,
            {"token": picture.token},
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Campaign.objects.filter(pk__in=ids).defer("content", "frozen", "contents_aside"))


def address_of(picture: Picture) -> str:
    """Where mail programs find it."""
    return f"{settings.PUBLIC_URL}{path_of(picture)}"


def path_of(picture: Picture) -> str:
    return f"/m/i/{picture.token}.{EXTENSIONS[picture.content_type]}"
