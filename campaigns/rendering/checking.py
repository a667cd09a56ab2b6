"""What a template names that does not exist, with a suggestion and the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from liquid.static_analysis import Variable

from campaigns.rendering.liquid import Liquid, parsed, suggestion
from campaigns.rendering.problems import TemplateProblem, line_at
from campaigns.rendering.sense import nonsense_in
from campaigns.rendering.values import moment

ROOTS: Final = frozenset(
    {"contact", "event", "campaign", "now", "today", "unsubscribe_url", "preferences_url"}
)
UNSUBSCRIBING: Final = frozenset({"unsubscribe_url", "preferences_url"})
_EVENT: Final = frozenset({"type", "occurred_at"})


@dataclass(frozen=True, slots=True)
class Known:
    """What templates of a campaign can name."""

    fields: frozenset[str]
    archived: frozenset[str] = frozenset()
    event: frozenset[str] = frozenset()
    """Attributes that events are known to have."""
    has_event: bool = False
    """Whether an event can bring contacts into the campaign."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Of the contact's fields, by key."""
    own: set[str] = field(default_factory=set)
    """Variables that parts before this one have assigned."""


class Found(NamedTuple):
    message: str
    line: int
    is_warning: bool = False


def names_in(template: Liquid, known: Known) -> Iterator[Found]:
    """Everything unknown; variables that it assigns are known from then on."""
    if (analysis := template.analysis) is None:
        return
    for name, variables in analysis.globals.items():
        for one in variables:
            if name not in known.own and (wrong := _wrong(one, known)):
                message, is_warning = wrong
                yield Found(message, line_at(template.source, one.span.index), is_warning)
    known.own.update(analysis.locals)
    for wrong_one in nonsense_in(template, known.types, frozenset(known.own)):
        yield Found(wrong_one.message, wrong_one.line, is_warning=wrong_one.is_never)


def uses(template: Liquid, names: Iterable[str]) -> bool:
    return template.analysis is not None and any(one in template.analysis.globals for one in names)


def _wrong(one: Variable, known: Known) -> tuple[str, bool] | None:
    root, *rest = one.segments
    if root not in ROOTS:
        if isinstance(root, str) and (root in known.fields or root in known.archived):
            return f"There is no “{root}” here. Did you mean “contact.{root}”?", False
        return f"There is no “{root}” here.{suggestion(str(root), ROOTS)}", False
    part = rest[0] if rest else None
    if root == "contact":
        return _wrong_field(part, known)
    if root == "event":
        return _wrong_attribute(part, known)
    if root == "campaign" and part != "name":
        if part is None:
            return "Say “campaign.name”.", False
        return f"A campaign has no “{part}” here, only “name”.", False
    return None


def _wrong_field(part: object, known: Known) -> tuple[str, bool] | None:
    if part is None:
        return "Say which field of the contact, such as “contact.first_name”.", False
    if not isinstance(part, str) or part in known.fields:
        return None
    if part in known.archived:
        return f"The field “{part}” is archived, so it is empty in messages.", False
    return f"There is no field “{part}”.{suggestion(part, known.fields)}", False


def _wrong_attribute(part: object, known: Known) -> tuple[str, bool] | None:
    if not known.has_event:
        said = "Only messages to those who enter a segment by an event have one; here it is empty."
        return said, True
    if part is None:
        return "Say which attribute of the event, such as “event.occurred_at”.", False
    if not isinstance(part, str) or part in _EVENT or part in known.event:
        return None
    said = f"No event has been seen with “{part}”.{suggestion(part, known.event | _EVENT)}"
    return said, True


def checked(source: str, known: Known, *, is_html: bool = False) -> list[Found]:
    """Whether it can be parsed, what it names that does not exist, and whether it goes too far."""
    try:
        template = parsed(source, is_html=is_html)
    except TemplateProblem as problem:
        return [Found(problem.message, problem.line or 1)]
    found = list(names_in(template, known))
    try:
        template.render(nobody())
    except TemplateProblem as problem:
        said = problem.message if problem.is_limit else f"With empty fields: {problem.message}"
        found.append(Found(said, problem.line or 1, is_warning=not problem.is_limit))
    return found


def nobody(unsubscribe: str = "") -> dict[str, Any]:
    """What a template gets that nobody is to read."""
    at = moment(datetime(2026, 1, 1, tzinfo=UTC), UTC)
    return {
        "contact": {},
        "event": {},
        "campaign": {"name": ""},
        "now": at,
        "today": at.date(),
        "unsubscribe_url": unsubscribe,
        "preferences_url": unsubscribe,
    }
