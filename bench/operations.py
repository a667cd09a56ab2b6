"""How long the visual builder's operations take to answer on a large database, through all of Django.

    python -m bench.builder --prepare      # once, as it says
    python -m bench.operations

Builds segments of several sizes by the requests that the page makes: adding, changing, moving,
wrapping, duplicating, undoing, with the page itself and the first result. One at a time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import django

from bench.builder import line, timed

SIZES = (5, 20, 100, 300)
ROUNDS = 15
HTMX = {"hx-request": "true"}
KEY = "bench-operations"


def main() -> None:
    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    print(f"{'median':>8} {'95 %':>8} {'longest':>8}")
    for size in SIZES:
        took = defaultdict(list)
        for name, milliseconds in operations(size):
            took[name].append((milliseconds, name))
        for name, times in took.items():
            print(f"{line(times)}  {size:>3} conditions: {name}")


def operations(size: int) -> Iterator[tuple[str, float]]:
    builder = Builder(size)
    try:
        for _ in range(ROUNDS):
            yield "page", builder.get("builder")
            yield from builder.round()
    finally:
        builder.end()


class Builder:
    """A marketer at work."""

    def __init__(self, size: int) -> None:
        from django.test import Client

        from segmentflow.clock import current_time
        from segmentflow.models import User
        from segmentflow.roles import ADMINS
        from segmentflow.users import give_role
        from segments.models import Segment
        from segments.services import create_segment

        self.person, _ = User.objects.get_or_create(username="bench")
        give_role(user=self.person, role=ADMINS)
        self.client = Client()
        self.client.force_login(self.person)
        Segment.objects.filter(key=KEY).delete()
        self.segment = create_segment(
            key=KEY,
            name="Operations",
            definition=definition_of(size),
            status="draft",
            author=None,
            now=current_time(),
        )

    def end(self) -> None:
        from segments.services import delete_segment

        delete_segment(segment=self.segment)
        self.person.delete()

    def get(self, name: str) -> float:
        from django.urls import reverse

        milliseconds, answer = timed(lambda: self.client.get(reverse(name, args=[KEY])))
        return checked(milliseconds, answer)

    def do(self, do: str, **sent: Any) -> float:
        from django.urls import reverse

        given = {"do": do, "revision": self.opened.revision} | sent
        address = reverse("builder_do", args=[KEY])
        milliseconds, answer = timed(lambda: self.client.post(address, given, headers=HTMX))
        return checked(milliseconds, answer)

    @property
    def opened(self) -> Any:
        from segments.builder.drafts import open_draft

        return open_draft(segment=self.segment)

    def round(self) -> Iterator[tuple[str, float]]:
        yield "add to a group", self.do("add:event:Purchase", target=self.group["id"])
        yield "add to the outermost group", self.do("add:event:Purchase")
        [*_, added] = self.opened.tree["children"]
        node = added["id"]
        yield "change", self.do("change", node=node, **{"c.operator": "not_performed"})
        yield "move into a group", self.do("move", node=node, target=self.group["id"], index=0)
        yield "duplicate", self.do("duplicate", node=node)
        yield "wrap", self.do("wrap", node=node)
        yield "delete", self.do("remove", node=node)
        yield "undo", self.do("undo")
        yield "result", self.get("builder_result")

    @property
    def group(self) -> Any:
        return next(child for child in self.opened.tree["children"] if "children" in child)


def checked(milliseconds: float, answer: Any) -> float:
    if answer.status_code != 200:
        raise SystemExit(f"answered with {answer.status_code}: {answer.content[:200]!r}")
    return milliseconds


def definition_of(size: int) -> Any:
    """Groups of up to ten conditions, of fields and events alternately."""
    chance = random.Random(7)
    conditions = [condition(chance, number) for number in range(size)]
    groups = [conditions[begin : begin + 10] for begin in range(0, size, 10)]
    children = [{"kind": "group", "match": "any", "children": group} for group in groups]
    return {"kind": "group", "match": "all", "children": children}


def condition(chance: random.Random, number: int) -> Any:
    if number % 2:
        values = chance.sample(["Gold", "Silver", "Platinum", "pro"], k=2)
        return {"kind": "field", "field": "Status_VIP", "operator": "in", "value": values}
    event = chance.choice(["Purchase", "Page_visit", "MailOpen"])
    window = {"kind": "last", "amount": chance.randint(1, 300), "unit": "day"}
    return {"kind": "event", "event": event, "window": window, "operator": "at_least", "value": 2}


if __name__ == "__main__":
    main()
