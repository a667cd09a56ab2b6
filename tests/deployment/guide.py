"""The steps of a page, as they are printed: commands to run, and files to write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.system.installation import TOP

BLOCK = re.compile(r"(?:^`(?P<path>/[^`]+)`:\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Step:
    text: str
    path: str
    """Of the file to write; empty: commands for a shell."""


def steps_of(page: str, heading: str) -> list[Step]:
    """Below a heading, up to the next of its rank or above."""
    text = (TOP / "docs" / page).read_text()
    rank = heading.split()[0]
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    section = re.split(rf"^#{{1,{len(rank)}}} ", rest, maxsplit=1, flags=re.M)[0]
    return [
        Step(block["text"], block["path"] or "")
        for block in BLOCK.finditer(section)
        if block["path"] or block["kind"] == "sh"
    ]


def write_to(root: Path, step: Step) -> None:
    place = root / step.path.removeprefix("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(step.text)
