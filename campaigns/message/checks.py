"""The problems of a message at the controls that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from campaigns.message.reading import OF_BLOCKS
from campaigns.readiness import Problem

_BLOCK = re.compile(r"content\.blocks\[([0-9]{1,4})\](?:\.([a-z]+))?")


class Shown(NamedTuple):
    message: str
    is_warning: bool
    control: str
    """Id of what has to be changed; empty when it is elsewhere."""


def shown_problems(problems: Iterable[Problem], content: Mapping[str, Any]) -> list[Shown]:
    """Those of the message alone."""
    return [
        Shown(one.message, one.is_warning, control_of(one.where, content))
        for one in problems
        if one.where.partition(".")[0].partition("[")[0] == "content"
    ]


def control_of(where: str, content: Mapping[str, Any]) -> str:
    """The id of a control on the page of the message."""
    blocks = content.get("blocks") or []
    found = _BLOCK.fullmatch(where)
    if found is None:
        name = where.removeprefix("content").removeprefix(".").partition("[")[0]
        return f"message-{name}" if name and name != "blocks" else "blocks"
    place, name = int(found[1]), found[2]
    if place >= len(blocks):
        return "blocks"
    block = blocks[place]
    controls = OF_BLOCKS.get(str(block.get("kind")), ())
    name = name if name in controls else next(iter(controls), "")
    return f"{block['id']}-{name}" if name else f"block-{block['id']}"


def by_control(problems: Iterable[Shown]) -> dict[str, list[Shown]]:
    found: dict[str, list[Shown]] = {}
    for problem in problems:
        found.setdefault(problem.control, []).append(problem)
    return found
