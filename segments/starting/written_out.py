"""A definition that refers to no segments: what they mean is written out in their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contacts.problems import Problem, Refused
from segments.conditions.operators import MAX_NAME
from segments.engine.publish import live_definition
from segments.models import Segment
from segments.starting.pieces import JSON


def written_out(definition: Any, *, path: str = "definition") -> Any:
    """Raises Refused with a sentence for each segment that cannot be written out.

    What is no definition at all is given back as it is, for `parse` to say so.
    """
    writing = _Writing()
    found = writing.whole(definition, path, ())
    if writing.problems:
        raise Refused(writing.problems)
    return found


@dataclass(slots=True)
class _Writing:
    problems: list[Problem] = field(default_factory=list)

    def whole(self, node: Any, path: str, within: tuple[str, ...]) -> Any:
        """`within`: the segments that are being written out, so that none begins anew."""
        if not isinstance(node, dict):
            return node
        if node.get("kind") == "segment" and isinstance(node.get("segment"), str):
            return self._segment(node, path, within)
        children = node.get("children")
        if not isinstance(children, list):
            return node
        inner = f"{path}.children" if path else "children"
        written = [
            self.whole(child, f"{inner}[{place}]", within) for place, child in enumerate(children)
        ]
        return {**node, "children": written}

    def _segment(self, node: JSON, path: str, within: tuple[str, ...]) -> Any:
        key = node["segment"]
        found = _found(key, within)
        if isinstance(found, str):
            self.problems.append(Problem(f"{path}.segment", "unknown_segment", found))
            return node
        name, definition = found
        inner = self.whole(definition, path, (*within, key))
        if node.get("member") is False:
            return {"kind": "group", "match": "none", "name": name, "children": [inner]}
        return {**inner, "name": name}


def _found(key: str, within: tuple[str, ...]) -> tuple[str, JSON] | str:
    """What stands in its place, by the segment's name; or why nothing can."""
    segment = Segment.objects.select_related("live_version").filter(key=key).first()
    if segment is None or key in within:
        return f"It refers to the segment “{key}”, which does not exist here."
    if segment.status == Segment.Status.ARCHIVED:
        return f"It refers to the segment “{segment.name}”, which is archived."
    if segment.kind == Segment.Kind.STATIC:
        return (
            f"It refers to “{segment.name}”, a list kept by hand: there are no conditions of it"
            " that could be taken over."
        )
    definition = live_definition(segment)
    if definition is None:
        return f"It refers to the segment “{segment.name}”, which has never been published."
    return segment.name[:MAX_NAME], definition
