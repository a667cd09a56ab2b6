"""Whatever is saved, undone and redone: a list with a position says what is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentflow.models import User
from segments.builder.drafts import Stale
from segments.builder.models import Draft, DraftStep
from segments.builder.tests.drafting import EMPTY, Drafter, tree
from segments.conditions.edit import without_ids
from segments.models import Segment
from segments.tests.made import make_segment

pytestmark = pytest.mark.django_db

doings = st.lists(
    st.one_of(
        st.tuples(st.just("save"), st.sampled_from(["Rome", "Oslo", "Bonn"])),
        st.sampled_from([("undo", ""), ("redo", ""), ("stale", ""), ("discard", "")]),
    ),
    max_size=25,
)


class Model:
    """What should happen, with nothing but a list."""

    def __init__(self):
        self.trees, self.position = [EMPTY], 0

    @property
    def tree(self):
        return self.trees[self.position]

    def do(self, verb, name):
        if verb == "save" and tree(name) != self.tree:
            self.trees = [*self.trees[: self.position + 1], tree(name)]
            self.position += 1
        elif verb == "undo":
            self.position = max(0, self.position - 1)
        elif verb == "redo":
            self.position = min(len(self.trees) - 1, self.position + 1)
        elif verb == "discard":
            self.trees, self.position = [EMPTY], 0


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(doings=doings)
def test_saving_undoing_and_redoing_walk_along_a_list(doings):
    Segment.objects.all().delete()
    Draft.objects.all().delete()
    User.objects.all().delete()
    mia, model = Drafter(make_segment(definition=None)), Model()
    revisions = [mia.seen.revision]
    for verb, name in doings:
        if verb == "stale":
            late = Drafter(mia.segment, person=mia.person)
            late.seen = replace(late.seen, revision=late.seen.revision - 1)
            with pytest.raises(Stale):
                late.save(tree("Paris"))
            continue
        before = mia.seen
        getattr(mia, verb)(*([tree(name)] if verb == "save" else []))
        model.do(verb, name)

        assert mia.seen.tree == model.tree
        assert bool(mia.seen.undo_label) == (model.position > 0)
        assert bool(mia.seen.redo_label) == (model.position < len(model.trees) - 1)
        assert mia.look() == mia.seen
        assert (mia.seen.revision > before.revision) or mia.seen == before
        draft = Segment.objects.get().draft
        assert draft is None or draft == without_ids(model.tree)
        revisions.append(mia.seen.revision)
    assert revisions == sorted(revisions)
    assert DraftStep.objects.count() in (0, len(model.trees))
