"""Short addresses for text messages, where each character costs: `/s/` and nine characters.

A code says nothing by itself, so it needs no signature: only the row says whose it is and where it
leads. Codes are random, of 58^9 (10^16): who tries finds one of a hundred million after as many
tries, and then only where some link leads.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection
from django.urls import reverse

from campaigns.keys import MessageKey
from segmentflow.arrays import numbers, texts

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Without 0, O, I and l, which people confuse."""
LENGTH: Final = 9
ROUNDS: Final = 5
ARRAYS: Final = "%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]"

Pair = tuple[MessageKey, str]


@dataclass(frozen=True, slots=True)
class Led:
    """Where a short address leads, and whose message it stood in."""

    key: MessageKey
    url: str


def short_links(*, pairs: Sequence[Pair], base: str | None = None) -> dict[Pair, str]:
    """A short address for each message and address; the same one however often it is asked for.

    `base`: where this installation is reached, if not where the settings say.
    """
    wanted = set(pairs)
    codes = _inserted(wanted)
    for _ in range(ROUNDS):
        if not (missing := wanted - codes.keys()):
            break
        # Somebody was there before, or a code was taken already.
        codes |= _stored(missing)
        codes |= _inserted(missing - codes.keys())
    if missing := wanted - codes.keys():
        raise RuntimeError(f"{len(missing)} short addresses could not be stored")
    before = settings.PUBLIC_URL if base is None else base
    return {pair: before + reverse("short_link", args=[code]) for pair, code in codes.items()}


def example() -> str:
    """As long as each of them; leads nowhere."""
    return settings.PUBLIC_URL + reverse("short_link", args=[ALPHABET[0] * LENGTH])


def new_code() -> str:
    number = secrets.randbelow(len(ALPHABET) ** LENGTH)
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def find_short(code: str) -> Led | None:
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, campaign_id, occasion, url FROM campaigns_shortlink WHERE code = %s
            """,
            [code],
        )
        found = cursor.fetchone()
    return Led(MessageKey(*found[:3]), found[3]) if found else None


def _inserted(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Codes of those that were not there; in order, so that two of us cannot wait for each other."""
    rows = sorted(pairs)
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO campaigns_shortlink (code, contact_id, campaign_id, occasion, url)
            SELECT * FROM unnest(%s::text[], {ARRAYS}) AS wanted
            ON CONFLICT DO NOTHING
            RETURNING contact_id, campaign_id, occasion, url, code
            """,
            [texts(new_code() for _ in rows), *_arrays(rows)],
        )
        return _codes(cursor.fetchall())


def _stored(pairs: Iterable[Pair]) -> dict[Pair, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.contact_id, s.campaign_id, s.occasion, s.url, s.code
            FROM unnest({ARRAYS}) AS wanted (contact_id, campaign_id, occasion, url)
            JOIN campaigns_shortlink s
                ON s.contact_id = wanted.contact_id AND s.campaign_id = wanted.campaign_id
                AND s.occasion = wanted.occasion AND md5(s.url) = md5(wanted.url)
                AND s.url = wanted.url
            """,
            _arrays(sorted(pairs)),
        )
        return _codes(cursor.fetchall())


def _arrays(rows: Sequence[Pair]) -> list[str]:
    keys = [key for key, _ in rows]
    return [
        numbers(key.contact_id for key in keys),
        numbers(key.campaign_id for key in keys),
        numbers(key.occasion for key in keys),
        texts(url for _, url in rows),
    ]


def _codes(rows: Iterable[tuple[int, int, int, str, str]]) -> dict[Pair, str]:
    return {(MessageKey(*key), url): code for *key, url, code in rows}
