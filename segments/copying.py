"""Copies: of a segment as a new draft, and of an old version as the newest one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain, count

from django.db import transaction
from django.utils.text import slugify

from contacts.problems import Problem, Refused
from segmentflow.models import User
from segments import selectors, services
from segments.models import Segment, SegmentVersion
from segments.services import KEY_LENGTH, NAME_LENGTH

COPY_OF_NAME = re.compile(r" \(copy( \d+)?\)$")
COPY_OF_KEY = re.compile(r"-copy(-\d+)?$")


@transaction.atomic
def duplicate_segment(*, segment: Segment, author: User | None, now: datetime) -> Segment:
    """A draft with what the segment shows as its definition; raises Refused for a static list."""
    if segment.kind == Segment.Kind.STATIC:
        said = "A static list has no definition that could be copied."
        raise Refused([Problem("kind", "static", said)])
    services.hold_definitions()
    return services.create_segment(
        key=_free_key(segment.key),
        name=_free_name(segment.name),
        description=segment.description,
        tags=segment.tags,
        definition=selectors.describe_one(segment).definition,
        status=Segment.Status.DRAFT,
        author=author,
        now=now,
    )


def restore_version(*, version: SegmentVersion, author: User | None, now: datetime) -> Segment:
    """Publish an old definition again; raises InvalidDefinition when it no longer makes sense.

    Of a paused segment it becomes the draft that is published when it resumes.
    """
    return services.update_segment(
        segment=version.segment, definition=version.definition, author=author, now=now
    )


def free_key_for(name: str) -> str:
    """A key for a new segment that tells its name: "inactive-vips", or "inactive-vips-2"."""
    plain = slugify(name)[:KEY_LENGTH].strip("-_") or "segment"
    taken = set(Segment.objects.values_list("key", flat=True)) | set(services.RESERVED)
    ends = chain([""], (f"-{number}" for number in count(2)))
    keys = (plain[: KEY_LENGTH - len(end)] + end for end in ends)
    return next(key for key in keys if key not in taken)


def _free_name(name: str) -> str:
    """ "Inactive VIPs (copy)", or "(copy 2)" when there is such a one."""
    ends = chain([" (copy)"], (f" (copy {number})" for number in count(2)))
    return _free(COPY_OF_NAME.sub("", name), ends, NAME_LENGTH, "name")


def _free_key(key: str) -> str:
    ends = chain(["-copy"], (f"-copy-{number}" for number in count(2)))
    return _free(COPY_OF_KEY.sub("", key), ends, KEY_LENGTH, "key")


def _free(plain: str, ends: Iterable[str], longest: int, column: str) -> str:
    """The first that no segment has."""
    taken = set(Segment.objects.values_list(column, flat=True))
    candidates = (plain[: longest - len(end)] + end for end in ends)
    return next(candidate for candidate in candidates if candidate not in taken)
