"""Push messages: short enough for every browser's push service.

A payload has at most 3,993 bytes: services take bodies of 4,096 (RFC 8030, section 7.2), of
which aes128gcm's header takes 86 and a record's padding delimiter and tag 17 (RFC 8188, RFC 8291).
"""

from __future__ import annotations

import json
from typing import Any, Final

from campaigns.rendering.clusters import clusters

MOST_BYTES: Final = 3_993
SPARE: Final = 200
"""For what carriers add, such as the names of the parts."""
LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 1_000


def trimmed(text: str, *, longest: int) -> str:
    """At most so many characters, as people see them; “…” stands for what is left out."""
    if len(text) <= longest:
        return text
    found = list(clusters(text[: longest * 8]))
    if len(found) <= longest and len(text) <= longest * 8:
        return text
    return "".join(found[: longest - 1]).rstrip() + "…"


def fitted(parts: dict[str, str], *, room: int = MOST_BYTES - SPARE) -> dict[str, str]:
    """Title and body short enough, and what is still too much taken from the body, then the
    pictures. What stays too much even so is not sent (`is_fitting`)."""
    found = {
        **parts,
        "title": trimmed(parts["title"], longest=LONGEST_TITLE),
        "body": trimmed(parts["body"], longest=LONGEST_BODY),
    }
    for key in ("image", "icon"):
        if size_of({**found, "body": ""}) > room // 2 and found.get(key):
            found[key] = ""
    if size_of(found) > room:
        found["body"] = _to_bytes(found["body"], room - size_of({**found, "body": ""}))
    return found


def is_fitting(parts: dict[str, str]) -> bool:
    return size_of(parts) <= MOST_BYTES - SPARE


def size_of(parts: dict[str, Any]) -> int:
    return len(json.dumps(parts, ensure_ascii=False).encode())


def _to_bytes(text: str, room: int) -> str:
    kept: list[str] = []
    left = room - len("…".encode())
    for cluster in clusters(text):
        left -= len(json.dumps(cluster, ensure_ascii=False).encode()) - 2
        if left < 0:
            return "".join(kept).rstrip() + "…" if kept else ""
        kept.append(cluster)
    return text
