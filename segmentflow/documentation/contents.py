"""Who reads what, in which order: the headings and lists of docs/index.md."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from segmentflow.documentation.slugs import slug
from segmentflow.documentation.sources import INDEX, Source, key_of, led_to

_GROUP = re.compile(r"^## (.+)$")
_ENTRY = re.compile(r"^\s*(?:-|\d+\.) \[([^\]]+)\]\(([^)#]+)\)(?:: (.+))?$")


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        return slug(self.name)


def groups_of(index: Source, *, there: Container[str]) -> tuple[Group, ...]:
    """Of the pages that are `there`: an image of a container may leave some out."""
    named = dict[str, list[Entry]]()
    for line in index.markdown.splitlines():
        if found := _GROUP.match(line):
            entries = named.setdefault(found[1], [])
        elif named and (found := _ENTRY.match(line)):
            title, link, about = found.groups()
            entry = Entry(key_of(led_to(link, path=INDEX)), title, about or "")
            if entry.key in there:
                entries.append(entry)
    return tuple(Group(name, tuple(entries)) for name, entries in named.items())


def beginning_of(index: Source) -> str:
    """The Markdown above the first group."""
    return index.markdown.partition("\n## ")[0]


def in_order(groups: Sequence[Group]) -> Iterator[tuple[Group, Entry]]:
    for group in groups:
        for entry in group.entries:
            yield group, entry
