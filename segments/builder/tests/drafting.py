"""Trees, and what people do to drafts, in one line each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from segments.builder import drafts
from segments.builder.drafts import Opened
from segments.conditions.edit import Tree, empty_tree, with_ids
from segments.tests.made import NOW, make_user

EMPTY = with_ids(empty_tree())


def city(name: str) -> Tree:
    return {"kind": "field", "field": "city", "operator": "equals", "value": name}


def group(*children: Any, match: str = "all", **more: Any) -> Tree:
    return {"kind": "group", "match": match, **more, "children": list(children)}


def tree(*names: str) -> Tree:
    """All of them cities; the ids go n1, n2 and so on."""
    return with_ids(group(*(city(name) for name in names)))


class Drafter:
    """Somebody with the builder of a segment open in a window, who sees what it answers."""

    def __init__(self, segment, name: str = "mia", person=None) -> None:
        self.segment = segment
        self.person = person or make_user(name=name)
        self.now = NOW
        self.look()

    def look(self) -> Opened:
        self.seen = drafts.open_draft(segment=self.segment)
        return self.seen

    def _do(self, verb, **more) -> Opened:
        self.now += timedelta(minutes=1)
        self.seen = verb(
            segment=self.segment,
            revision=self.seen.revision,
            person=self.person,
            now=self.now,
            **more,
        )
        return self.seen

    def save(self, tree: Tree, label: str = "Added City", **more: Any) -> Opened:
        return self._do(drafts.save_step, tree=tree, label=label, **more)

    def undo(self) -> Opened:
        return self._do(drafts.undo)

    def redo(self) -> Opened:
        return self._do(drafts.redo)

    def discard(self) -> Opened:
        return self._do(drafts.discard_draft)

    def publish(self):
        self.now += timedelta(minutes=1)
        return drafts.publish_draft(
            segment=self.segment, revision=self.seen.revision, person=self.person, now=self.now
        )
