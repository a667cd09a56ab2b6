"""The answer of a whole definition, where what is decided spares the rest.

Once a child of an `all` is false for ever, the group is: whatever the others say. They are
evaluated only for contacts about whom that is still open, down to the events of nested groups. What
they say of other contacts is never read, for the decided child outweighs it: false beats any
truth, and infinity any `until`. `any` and `none` mirror this.
"""

from __future__ import annotations

from datetime import datetime

from segments.conditions.nodes import Group, Match, Node
from segments.conditions.sql.compiler import Compiled, Compiler, Terms
from segments.conditions.sql.facts import Facts
from segments.conditions.sql.fragment import INFINITY, TRUE, Fragment, all_of, any_of
from segments.conditions.sql.order import effort, repeated
from segments.conditions.sql.where import COMBINED


def compile_group(group: Group, *, facts: Facts, now: datetime, many: bool = False) -> Compiled:
    return _Shortcut(group, facts=facts, now=now, many=many).whole()


class _Shortcut(Compiler):
    """Evaluates the children of a group one after the other, the cheapest first.

    Only what it answers of the definition is right by itself, not what it does of nodes in it.
    """

    def __init__(self, group: Group, *, facts: Facts, now: datetime, many: bool) -> None:
        super().__init__(facts=facts, now=now, many=many)
        self._whole = group
        self._repeated = repeated(group, facts.segments)

    def whole(self) -> Compiled:
        group = self._whole
        if group.match != Match.ALL:
            return self.compiled(self.fragment(group))
        # What time does not change about a contact is asked before anything is joined.
        fixed: list[str] = []
        moving: list[Fragment] = []
        needed: Terms = ()
        for child in self._ordered(group):
            answer = self._fragment(child, needed)
            if answer.is_static:
                fixed.append(answer.truth)
            else:
                moving.append(answer)
                needed = (*needed, _is_open(answer, group.match))
        return self.compiled(all_of(moving), prefilter=" AND ".join(fixed) or "true")

    def _fragment(self, node: Node, needed: Terms) -> Fragment:
        # What several places share is needed by any of them.
        return super()._fragment(node, () if node in self._repeated else needed)

    def _group(self, group: Group, needed: Terms) -> Fragment:
        children = self._ordered(group)
        plain = [child for child in children if not self._effort(child)]
        answers: list[Fragment] = []
        if plain:
            answers.append(self._joined(group.match, plain, is_all=plain == children))
            needed = (*needed, _is_open(answers[0], group.match))
        for child in children[len(plain) :]:
            answers.append(self._fragment(child, needed))
            needed = (*needed, _is_open(answers[-1], group.match))
        return COMBINED[group.match](answers)

    def _joined(self, match: Match, plain: list[Node], *, is_all: bool) -> Fragment:
        """One answer for the children that only look at the contact; a column, if others ask it too."""
        combined = all_of if match == Match.ALL else any_of
        answer = combined([self._fragment(child, ()) for child in plain])
        if is_all or answer is TRUE:
            return answer
        return Fragment(self._moment.joins.once(answer.truth))

    def _ordered(self, group: Group) -> list[Node]:
        return sorted(group.children, key=self._effort)

    def _effort(self, node: Node) -> int:
        return effort(node, self._facts)


def _is_open(answer: Fragment, match: Match) -> str:
    """SQL: this child does not decide its group for ever."""
    decided = f"NOT {answer.truth}" if match == Match.ALL else answer.truth
    still = f"NOT ({decided})"
    return still if answer.is_static else f"({still} OR {answer.until} < {INFINITY})"
