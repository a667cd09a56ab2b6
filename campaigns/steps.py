"""The steps of a draft, where its controls are, and what is still to do at each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from campaigns.message.checks import control_of
from campaigns.models import Campaign
from campaigns.readiness import Problem


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    url: str
    problems: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem, and the address of the control it is about."""

    message: str
    url: str
    is_warning: bool


STEPS: Final = (("audience", "Audience"), ("message", "Message"), ("when", "When"))
CONTROLS: Final = {"name": "id_name", "channel": "id_channel", "audience": "audience"}
"""Elements of the editor by what problems are about; all others are those of the time."""


def step_of(where: str) -> str:
    first = where.partition(".")[0].partition("[")[0]
    if first == "content":
        return "message"
    return "audience" if first in CONTROLS else "when"


def steps_of(campaign: Campaign, problems: Iterable[Problem], *, here: str) -> list[Step]:
    """`here` is the step that the page shows, or `review`."""
    errors = [step_of(problem.where) for problem in problems if not problem.is_warning]
    steps = [
        Step(name, _page_of(campaign, step), errors.count(step), step == here)
        for step, name in STEPS
    ]
    start = reverse("campaign_start", args=[campaign.pk])
    return [*steps, Step("Review and start", start, 0, here == "review")]


def placed(campaign: Campaign, problems: Iterable[Problem]) -> list[Placed]:
    return [
        Placed(problem.message, _control(campaign, problem.where), problem.is_warning)
        for problem in problems
    ]


def _page_of(campaign: Campaign, step: str) -> str:
    if step == "message":
        return reverse("campaign_message", args=[campaign.pk])
    return f"{reverse('campaign_edit', args=[campaign.pk])}#{step}"


def _control(campaign: Campaign, where: str) -> str:
    if step_of(where) == "message":
        return f"{_page_of(campaign, 'message')}#{control_of(where, campaign.content)}"
    return f"{reverse('campaign_edit', args=[campaign.pk])}#{CONTROLS.get(where, 'when')}"
