"""What the builder's page and its answers are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest
from segments.builder.blocks import palette
from segments.builder.describing import subject_of
from segments.builder.drafts import Opened, Stale, open_draft
from segments.builder.parts import GroupView
from segments.builder.presence import others_here
from segments.builder.reading import Reading, Trouble, read_draft
from segments.builder.shown import Canvas
from segments.builder.vocabulary import Vocabulary, load_vocabulary
from segments.conditions.edit import is_group, parent_of, walk
from segments.conditions.sentence import sentence
from segments.models import Segment
from segments.views.shown import SECTION, person

PAGE = "builder/builder.html"
ANSWER = "builder/_answer.html"
NEEDS = ("segments.view_segment", "segments.change_segment")
STALE, UNPROCESSABLE = 409, 422
MORPH = "morph:outerHTML"


def buildable(key: str) -> Segment:
    """The segment whose definition is built; a static list has none, an archived one rests."""
    found = Segment.objects.filter(kind=Segment.Kind.DYNAMIC).select_related("owner")
    return get_object_or_404(found.exclude(status=Segment.Status.ARCHIVED), key=key)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A draft, read and ready to be drawn."""

    opened: Opened
    vocabulary: Vocabulary
    reading: Reading

    @property
    def canvas(self) -> Canvas:
        return Canvas(self.opened.tree, self.reading, self.vocabulary)

    @property
    def sentence(self) -> str:
        group = self.reading.group
        return sentence(group, self.vocabulary.labels) if group else ""

    def problems(self) -> list[Trouble]:
        """Each with the condition that it is about, for a list that stands apart from it.

        An empty canvas is none: what to do there stands on it.
        """
        if not self.opened.tree["children"]:
            return []
        nodes = {node["id"]: node for node in walk(self.opened.tree)}
        labels = self.vocabulary.labels
        return [
            replace(one, message=f"{subject_of(nodes[one.node], labels)}: {one.message}")
            if one.node in nodes and not is_group(nodes[one.node])
            else one
            for one in self.reading.troubles
        ]

    def around(self) -> dict[str, Any]:
        """All that is told about the draft as a whole."""
        segment = self.opened.segment
        return {
            "section": SECTION,
            "segment": segment,
            "opened": self.opened,
            "sentence": self.sentence,
            "problems": self.problems(),
            "do_url": reverse("builder_do", args=[segment.key]),
        }

    def whole(self, *, target: str = "") -> dict[str, Any]:
        """The context of the whole page; `target`: the group that the palette adds to."""
        tree = self.opened.tree
        groups = {node["id"] for node in walk(tree) if is_group(node)}
        return self.around() | {
            "root": self.canvas.root(),
            "palette": palette(self.vocabulary),
            "target": target if target in groups else tree["id"],
            "is_uncountable": self.reading.group is None,
        }


def drawing_of(opened: Opened, vocabulary: Vocabulary | None = None) -> Drawing:
    vocabulary = vocabulary or load_vocabulary(own_key=opened.segment.key)
    return Drawing(opened, vocabulary, read_draft(opened.tree, vocabulary.catalog))


def drawing_for(key: str) -> Drawing:
    return drawing_of(open_draft(segment=buildable(key)))


def others_of(request: HtmxHttpRequest, segment: Segment) -> list[str]:
    """Who else has this builder open."""
    return others_here(segment=segment, person=person(request), now=current_time())


def changed_node(
    request: HtmxHttpRequest, drawing: Drawing, *, node: str, focus: str, said: str
) -> HttpResponse:
    """The innermost part that changed, drawn anew, and what is told about the whole."""
    tree = drawing.opened.tree
    context = drawing.around() | {"added": focus, "announcement": said}
    if node == tree["id"]:
        context |= {"changed": "canvas", "root": drawing.canvas.root()}
        return _retargeted(render(request, ANSWER, context), "#canvas")
    shown = drawing.canvas.node(*parent_of(tree, node))
    context |= {"changed": "group" if isinstance(shown, GroupView) else "row", "node": shown}
    return _retargeted(render(request, ANSWER, context), f"#node-{node}")


def refused(request: HtmxHttpRequest, drawing: Drawing, said: str) -> HttpResponse:
    """Nothing was changed, and the canvas shows it: a drop had already moved a row there."""
    context = drawing.around() | {"changed": "canvas", "root": drawing.canvas.root()}
    context |= {"announcement": said, "refusal": said}
    answer = render(request, ANSWER, context, status=UNPROCESSABLE)
    return _retargeted(answer, "#canvas")


def overtaken(request: HtmxHttpRequest, stale: Stale) -> HttpResponse:
    """The builder as it is now, with what somebody else changed meanwhile."""
    drawing = drawing_of(stale.opened)
    context = drawing.whole() | {
        "notice": stale,
        "others": others_of(request, drawing.opened.segment),
    }
    if not request.htmx:
        return render(request, PAGE, context, status=STALE)
    answer = render(request, ANSWER, context | {"changed": "builder"}, status=STALE)
    return _retargeted(answer, "#builder")


def _retargeted(answer: HttpResponse, target: str) -> HttpResponse:
    answer.headers["HX-Retarget"] = target
    answer.headers["HX-Reswap"] = MORPH
    return answer
