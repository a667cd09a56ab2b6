"""What a webhook may be: everything that is wrong with what somebody asks for, at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from contacts.problems import Problem, Refused, quoted
from outbound.webhooks.addressing import allowed_here, wrong_url
from outbound.webhooks.fields import USUAL, choices
from outbound.webhooks.models import Webhook
from segments.models import Segment

LONGEST_NAME: Final = 100
LONGEST_DESCRIPTION: Final = 1_000
MOST_MOVES: Final = 1_000
LONGEST_WAIT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """As somebody describes it."""

    name: str
    url: str
    description: str = ""
    segments: Sequence[str] = ()
    """Keys."""
    every_segment: bool = False
    on_entering: bool = True
    on_leaving: bool = True
    on_edits: bool = False
    fields: Sequence[str] = field(default=USUAL)
    most_moves: int = 100
    wait_ms: int = 500


def check(wanted: Wanted, *, webhook: Webhook | None) -> None:
    """Raises Refused. `webhook`: the one that is changed."""
    problems = [
        *_name(wanted, webhook),
        *_url(wanted),
        *_segments(wanted, webhook),
        *_fields(wanted, webhook),
        *_numbers(wanted),
    ]
    if problems:
        raise Refused(problems)


def _name(wanted: Wanted, webhook: Webhook | None) -> Iterator[Problem]:
    if not wanted.name.strip():
        yield Problem("name", "required", "Give it a name.")
    elif len(wanted.name) > LONGEST_NAME:
        yield Problem("name", "too_long", f"A name has at most {LONGEST_NAME} characters.")
    elif "\0" in wanted.name:
        yield Problem("name", "invalid", "A name cannot hold the character NUL.")
    else:
        others = Webhook.objects.filter(name=wanted.name)
        if webhook is not None:
            others = others.exclude(pk=webhook.pk)
        if others.exists():
            yield Problem("name", "taken", "Another webhook has this name. Choose another.")
    if len(wanted.description) > LONGEST_DESCRIPTION or "\0" in wanted.description:
        said = f"A description has at most {LONGEST_DESCRIPTION:,} characters, and no NUL."
        yield Problem("description", "invalid", said)


def _url(wanted: Wanted) -> Iterator[Problem]:
    if said := wrong_url(wanted.url, allowed=allowed_here()):
        yield Problem("url", "invalid", said)


def _segments(wanted: Wanted, webhook: Webhook | None) -> Iterator[Problem]:
    if wanted.every_segment:
        if wanted.segments:
            said = "Choose either every segment or some."
            yield Problem("segments", "invalid", said)
    elif not wanted.segments:
        yield Problem("segments", "required", "Choose at least one segment, or every one.")
    for key in _unknown(wanted.segments, webhook):
        yield Problem("segments", "unknown", f"There is no segment {quoted(key)} to follow.")
    if not (wanted.on_entering or wanted.on_leaving):
        said = "Tell of contacts who enter, of those who leave, or of both."
        yield Problem("on_entering", "required", said)


def _unknown(keys: Sequence[str], webhook: Webhook | None) -> list[str]:
    """Those in the archive have no moves; one that was chosen before may stay."""
    storable = [key for key in keys if "\0" not in key]
    found = Segment.objects.filter(key__in=storable)
    known = set(found.exclude(status=Segment.Status.ARCHIVED).values_list("key", flat=True))
    if webhook is not None:
        known |= set(webhook.chosen.values_list("segment__key", flat=True))
    return [key for key in keys if key not in known]


def _fields(wanted: Wanted, webhook: Webhook | None) -> Iterator[Problem]:
    known = {name for name, _ in choices()} | set(webhook.fields if webhook else ())
    for name in wanted.fields:
        if name not in known:
            yield Problem("fields", "unknown", f"There is no field {quoted(name)}.")
    if len(set(wanted.fields)) < len(wanted.fields):
        yield Problem("fields", "invalid", "A field is named twice.")


def _numbers(wanted: Wanted) -> Iterator[Problem]:
    if not 1 <= wanted.most_moves <= MOST_MOVES:
        said = f"A request tells of 1 to {MOST_MOVES:,} moves."
        yield Problem("most_moves", "invalid", said)
    if not 0 <= wanted.wait_ms <= LONGEST_WAIT_MS:
        said = f"A move waits for others for 0 to {LONGEST_WAIT_MS:,} milliseconds."
        yield Problem("wait_ms", "invalid", said)
