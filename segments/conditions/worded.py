"""The words in which two sentences differ, and the values that sentences leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum

from segments.conditions.nodes import Node
from segments.conditions.words import MOST_LISTED, number_words, several_words, text_words

TOKENS = re.compile(r"\s+|[^\s,()“”]+(?:,\d+)*|[,()“”]")
MOST_TOKENS = 400
"""Of longer sentences the words are not compared."""
ALIKE = 0.5
"""Sentences that share less than this are set one after the other."""


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    mark: Mark = Mark.SAME


def changed_words(old: str, new: str) -> tuple[Part, ...]:
    """The new sentence with the words that were in their place before."""
    if old == new:
        return (Part(new),)
    before, after = TOKENS.findall(old), TOKENS.findall(new)
    apart = (Part(old, Mark.REMOVED), Part(new, Mark.ADDED))
    if len(before) > MOST_TOKENS or len(after) > MOST_TOKENS:
        return apart
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return apart
    return tuple(_parts(before, after, matcher))


def _parts(before: list[str], after: list[str], matcher: SequenceMatcher[str]) -> Iterator[Part]:
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield Part("".join(after[new_start:new_end]))
            continue
        if start < end:
            yield Part("".join(before[start:end]), Mark.REMOVED)
        if new_start < new_end:
            yield Part("".join(after[new_start:new_end]), Mark.ADDED)


def hidden_values(old: Node, new: Node) -> Iterator[Part]:
    """What long lists of values gained and lost, of which a sentence tells only the beginning."""
    before, after = set(_long_lists(old)), set(_long_lists(new))
    for mark, said, values in (
        (Mark.REMOVED, "without", before - after),
        (Mark.ADDED, "with", after - before),
    ):
        if values:
            told = sorted(values)[: MOST_LISTED - 1]
            if len(told) < len(values):
                told.append(f"{len(values) - len(told):,} others")
            yield Part(f" ({said} {several_words(told, ' and ')})", mark)


def _long_lists(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        if len(value) > MOST_LISTED and isinstance(value[0], str | Decimal):
            yield from map(_told, value)
            return
        for item in value:
            yield from _long_lists(item)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _long_lists(getattr(value, one.name))


def _told(value: object) -> str:
    return number_words(value) if isinstance(value, Decimal) else text_words(str(value))
