"""Why a contact is in a segment or not: the answer at every node of its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from contacts.retyping.settling import hold_values
from events.locks import share_values
from segments.conditions.nodes import Group, Node
from segments.conditions.sql.compiler import Compiler
from segments.engine.count_statement import child_path, walk
from segments.engine.facts import current_facts
from segments.engine.near import near, together

MOST_LOOKS = 50
"""Into the future; what has not changed by then is only known not to change before."""


@dataclass(frozen=True, slots=True)
class Explanation:
    path: str
    node: Node
    truth: bool
    actual: str | None
    """The contact's own value, measure or chosen time; None when it has none."""
    until: datetime | None
    """The answer stays the same at least until then, new data apart. None: for ever."""
    children: tuple[Explanation, ...]
    changes_at: datetime | None = None
    """The first instant at which the answer is another one, new data apart; only `foresee` looks
    for it. None with an `until`: it was not found, and lies there or later."""


class Answer(NamedTuple):
    truth: bool
    until: datetime | None
    actual: str | None


Answers = Mapping[str, Answer]
"""By path."""


def explain(group: Group, *, contact_id: int, now: datetime) -> Explanation | None:
    """None when there is no such contact."""
    return explain_each(group, contact_ids=[contact_id], now=now).get(contact_id)


def explain_each(
    group: Group, *, contact_ids: Sequence[int], now: datetime
) -> dict[int, Explanation]:
    """By contact; without those whom there is not."""
    with transaction.atomic():
        found = _Question(group, contact_ids).ask(now)
    return {contact_id: _tree(group, "", answers, {}) for contact_id, answers in found.items()}


def foresee(group: Group, *, contact_id: int, now: datetime) -> Explanation | None:
    """The same, with when time alone changes the answer of each node.

    `until` may be too early, so the contact is looked at again at that instant, as if it were
    now, for as long as nothing has changed.
    """
    with transaction.atomic():
        question = _Question(group, [contact_id])
        answers = question.ask(now).get(contact_id)
        if answers is None:
            return None
        outlooks = {path: _Outlook(one.truth, one.until) for path, one in answers.items()}
        # The whole first: a part that moves often may not use up all looks.
        left = _look_ahead(question, outlooks, [""], looks=MOST_LOOKS)
        _look_ahead(question, outlooks, list(outlooks), looks=left)
    return _tree(group, "", answers, outlooks)


class _Question:
    """Some contacts and one definition, asked at as many instants as one likes."""

    def __init__(self, group: Group, contact_ids: Sequence[int]) -> None:
        share_values()
        hold_values(contact_ids)
        self._group = group
        self._contact_ids = list(contact_ids)
        self._facts = current_facts([group])
        self._nodes = list(walk(group))

    def ask(self, now: datetime) -> dict[int, Answers]:
        """By contact."""
        compiler = Compiler(facts=self._facts, now=now, shows_actual=True)
        columns = []
        for _, node in self._nodes:
            answer = compiler.fragment(node)
            columns += [answer.truth, f"NULLIF({answer.due}, 'infinity')", answer.actual]
        parts = compiler.compiled(compiler.fragment(self._group))
        these = "c.id = ANY(%(contacts)s)"
        sql = f"SELECT c.id, {', '.join(columns)} {parts.source} WHERE {these}"
        params = parts.params | {"contacts": self._contact_ids}
        with together(connection), connection.cursor() as cursor:
            cursor.execute(near(sql, only=these, params=params, always=True), params)
            return {contact_id: self._by_path(row) for contact_id, *row in cursor.fetchall()}

    def _by_path(self, row: list[Any]) -> Answers:
        return {
            path: Answer(*row[3 * index : 3 * index + 3])
            for index, (path, _) in enumerate(self._nodes)
        }


@dataclass(slots=True)
class _Outlook:
    """What is known of a node's future."""

    truth: bool
    until: datetime | None
    changes_at: datetime | None = None

    @property
    def next_look(self) -> datetime | None:
        """When something may happen; None when all is known."""
        return None if self.changes_at else self.until

    def learn(self, answer: Answer, at: datetime) -> None:
        """`at` lies no later than `until`, so that nothing in between is unknown."""
        if answer.truth != self.truth:
            self.until = self.changes_at = at
        elif answer.until is None or self.until is None:
            self.until = None
        else:
            self.until = max(self.until, answer.until)


def _look_ahead(
    question: _Question, outlooks: Mapping[str, _Outlook], paths: list[str], *, looks: int
) -> int:
    """Learn when the answers at these paths change, and how many looks are left."""
    for used in range(looks):
        waiting = [at for path in paths if (at := outlooks[path].next_look)]
        if not waiting:
            return looks - used
        at = min(waiting)
        for answers in question.ask(at).values():
            for path, outlook in outlooks.items():
                if outlook.next_look and outlook.next_look >= at:
                    outlook.learn(answers[path], at)
    return 0


def _tree(node: Node, path: str, answers: Answers, outlooks: Mapping[str, _Outlook]) -> Explanation:
    answer, outlook = answers[path], outlooks.get(path)
    children: tuple[Explanation, ...] = ()
    if isinstance(node, Group):
        children = tuple(
            _tree(child, child_path(path, index), answers, outlooks)
            for index, child in enumerate(node.children)
        )
    return Explanation(
        path,
        node,
        answer.truth,
        answer.actual,
        outlook.until if outlook else answer.until,
        children,
        outlook.changes_at if outlook else None,
    )
