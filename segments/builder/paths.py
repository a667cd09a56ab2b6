"""Places within one condition, written as problems write them: `where.children[0].value`."""

from __future__ import annotations

import re
from typing import Any

Step = str | int
STEP = re.compile(r"(?:^|\.)([A-Za-z_]+)|\[([0-9]{1,4})\]")


def steps_of(path: str) -> tuple[Step, ...]:
    """Raises ValueError for what is no path."""
    steps: list[Step] = []
    end = 0
    for found in STEP.finditer(path):
        if found.start() != end:
            break
        end = found.end()
        steps.append(found[1] if found[1] is not None else int(found[2]))
    if end != len(path):
        raise ValueError(f"{path[:100]!r} is no path")
    return tuple(steps)


def value_at(node: Any, path: str) -> Any:
    """None where there is nothing."""
    for step in steps_of(path):
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, dict) else None
        else:
            node = node[step] if isinstance(node, list) and step < len(node) else None
    return node


def with_value(node: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same condition with another value there; objects on the way are made."""
    changed: dict[str, Any] = _with(node, steps_of(path), value)
    return changed


def _with(node: Any, steps: tuple[Step, ...], value: Any) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(step, str):
        known = node if isinstance(node, dict) else {}
        return {**known, step: _with(known.get(step), tuple(rest), value)}
    items = list(node) if isinstance(node, list) else []
    if step < len(items):
        items[step] = _with(items[step], tuple(rest), value)
    else:
        items.append(_with(None, tuple(rest), value))
    return items


def without(node: dict[str, Any], path: str) -> dict[str, Any]:
    """The same condition without a member or an item; nothing else changes."""
    steps = steps_of(path)
    changed: dict[str, Any] = _without(node, steps) if steps else node
    return changed


def _without(node: Any, steps: tuple[Step, ...]) -> Any:
    step, *rest = steps
    if isinstance(step, str) and isinstance(node, dict) and step in node:
        if rest:
            return {**node, step: _without(node[step], tuple(rest))}
        return {key: value for key, value in node.items() if key != step}
    if isinstance(step, int) and isinstance(node, list) and step < len(node):
        if rest:
            return [
                _without(item, tuple(rest)) if index == step else item
                for index, item in enumerate(node)
            ]
        return [*node[:step], *node[step + 1 :]]
    return node


def joined(prefix: str, name: str) -> str:
    """`where.children[0]` and `value` make `where.children[0].value`."""
    return f"{prefix}.{name}" if prefix else name
