"""Words by which people find segments again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contacts.problems import Problem, Refused, quoted

MOST = 20
LONGEST = 50


def checked_tags(words: Iterable[str]) -> list[str]:
    """Sorted, each once, in lower case and without needless space; raises Refused.

    Lower case, so that "VIP" and "vip" are one tag; empty ones are left out.
    """
    tags = sorted({tag for word in words if (tag := " ".join(word.lower().split()))})
    if problems := list(_problems(tags)):
        raise Refused(problems)
    return tags


def tags_of_text(text: str) -> list[str]:
    """What a person typed, with commas between the tags."""
    return text.split(",")


def text_of_tags(tags: Iterable[str]) -> str:
    return ", ".join(tags)


def _problems(tags: list[str]) -> Iterator[Problem]:
    if len(tags) > MOST:
        said = f"A segment has at most {MOST} tags, and these are {len(tags)}."
        yield Problem("tags", "too_many", said)
    for tag in tags:
        if len(tag) > LONGEST:
            said = f"A tag has at most {LONGEST} characters, unlike {quoted(tag)}."
            yield Problem("tags", "too_long", said)
        if "," in tag or not tag.isprintable():
            said = f"A tag is written without commas, unlike {quoted(tag)}."
            yield Problem("tags", "invalid", said)
