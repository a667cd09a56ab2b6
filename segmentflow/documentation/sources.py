"""The Markdown files that are pages, and the sections each of them consists of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from segmentflow.documentation.slugs import Slugs

FOLDER: Final = "docs"
OTHERS: Final = {
    "README.md": "readme",
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "SECURITY.md": "reporting-a-weakness",
    "LICENSE": "license",
}
"""Beside that folder, where people look for them in a repository; with their keys."""
GALLERY: Final = "docs/pictures/"
"""Pictures of every page, for those who work on it: far too many to be served."""
INDEX: Final = "docs/index.md"

_HEADING = re.compile(r"^(#{1,4}) (.+?)\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_REMARK = re.compile(r"^<!--.*-->$")
_MARKS = (
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"^\s*(?:[-*>]|\d+\.)\s+"), ""),
    (re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*"), r"\1"),
    (re.compile(r"\*\*|`|\\(?=[|*.(])"), ""),
    (re.compile(r"^\|[-| :]+\|$"), ""),
    (re.compile(r"\s*\|\s*"), " "),
)


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading, as plain words."""

    anchor: str
    """Empty for the beginning of a page."""
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    """In its address: `builder`, `decisions/0001-…`; empty for the first page."""
    path: str
    """From the top of the repository."""
    markdown: str
    title: str
    sections: tuple[Section, ...]


def read_sources(top: Path) -> dict[str, Source]:
    """By their keys."""
    sources = (source_of(path, (top / path).read_text("utf-8")) for path in paths_of(top))
    return {source.key: source for source in sources}


def paths_of(top: Path) -> Iterator[str]:
    for file in sorted((top / FOLDER).rglob("*.md")):
        path = file.relative_to(top).as_posix()
        if not path.startswith(GALLERY):
            yield path
    yield from (name for name in OTHERS if (top / name).is_file())


def key_of(path: str) -> str:
    """`docs/builder.md` is `builder`, `README.md` is `readme`."""
    if path == INDEX:
        return ""
    if path in OTHERS:
        return OTHERS[path]
    return path.removeprefix(f"{FOLDER}/").removesuffix(".md")


def source_of(path: str, text: str) -> Source:
    markdown = without_remarks(text)
    sections = tuple(_sections(markdown))
    title = sections[0].heading if sections else path
    return Source(key_of(path), path, markdown, title, sections)


def without_remarks(text: str) -> str:
    """Lines that are for programs, such as those between which a table is written anew."""
    kept, is_code = list[str](), False
    for line in text.splitlines(keepends=True):
        is_code ^= bool(_FENCE.match(line))
        if is_code or not _REMARK.match(line):
            kept.append(line)
    return "".join(kept)


def led_to(link: str, *, path: str) -> str:
    """From which file to which: the path of what a relative link is about."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link))


def _sections(markdown: str) -> Iterator[Section]:
    slugs = Slugs()
    anchor, heading, lines = "", "", list[str]()
    is_code, is_first = False, True
    for line in markdown.splitlines():
        is_code ^= bool(_FENCE.match(line))
        found = None if is_code else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        if not is_first or any(lines):
            yield Section(anchor, heading, plain(lines))
        heading, lines = _plain_line(found[2]), []
        own = slugs.of(heading)
        anchor = "" if is_first else own
        is_first = False
    yield Section(anchor, heading, plain(lines))


def plain(lines: list[str]) -> str:
    """Without the marks of Markdown, as one line."""
    told = (_plain_line(line) for line in lines if not _FENCE.match(line))
    return " ".join(" ".join(told).split())


def _plain_line(line: str) -> str:
    for mark, instead in _MARKS:
        line = mark.sub(instead, line)
    return line.strip()
