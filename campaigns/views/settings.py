"""The settings of sending: who delivers each channel, what holds for all, and suppressed addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from campaigns.channels.adapters import Adapter, WayFacts
from campaigns.channels.hooks import hook_address, is_public
from campaigns.channels.reachable import address_warning
from campaigns.channels.ways import (
    ADAPTERS,
    OUTBOX,
    adapter_of,
    adapters_for,
    way_of,
    way_problems,
)
from campaigns.delivery.changing import change_way, try_now
from campaigns.delivery.lane import Trouble, trouble_of
from campaigns.rules import current_rules, set_rules
from campaigns.suppressing import allow_again, suppressed
from campaigns.views.rules_form import RulesForm, initial
from campaigns.views.testing import TESTED, TestFailed, send_test, wrong_test_address
from campaigns.views.way_form import WayForm
from contacts.models import Channel
from contacts.problems import Problem, Refused
from segmentflow.clock import current_time
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part

PAGE: Final = "campaigns/sending.html"
WAY: Final = "campaigns/way_edit.html"
SECTION: Final = "settings"
UNPROCESSABLE: Final = 422
SEE: Final = ("campaigns.view_way",)
CHANGE: Final = (*SEE, "campaigns.change_way")
RULES: Final = (*SEE, "campaigns.change_sendingrules")
ALLOW: Final = (*SEE, "campaigns.delete_suppression")
REPORTING: Final = {"email", "sms"}
"""Channels whose providers tell what became of messages."""


@dataclass(frozen=True, slots=True)
class Card:
    """A channel as the page shows it."""

    channel: Channel
    way: WayFacts
    adapter: Adapter | None
    problems: list[Problem]
    suppressed: dict[str, int]
    trouble: Trouble | None
    test_address: str = ""
    wrong_test: str = ""
    allow_address: str = ""
    wrong_allow: str = ""

    @property
    def sender(self) -> str:
        """For people, without the encoding of mail headers."""
        name, address = self.way.text("sender_name"), self.way.text("sender_address")
        return (f"{name} <{address}>" if name else address) or self.way.sender

    @property
    def warning(self) -> str:
        return address_warning(self.way)

    @property
    def is_tested(self) -> bool:
        return self.channel.value in TESTED


@require_safe
@needs(*SEE)
def sending(request: HtmxHttpRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: HtmxHttpRequest,
    *,
    rules: RulesForm | None = None,
    wrong: dict[str, dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`wrong`: of a channel's card, what was entered and what is wrong with it."""
    own = {Channel.EMAIL.value: getattr(request.user, "email", "")}
    context = {
        "section": SECTION,
        "cards": [
            _card(
                channel,
                {"test_address": own.get(channel.value, "")} | (wrong or {}).get(channel.value, {}),
            )
            for channel in Channel
        ],
        "rules": rules or RulesForm(initial=initial(current_rules())),
    }
    return render(request, PAGE, context, status=status)


def _card(channel: Channel, entered: dict[str, str]) -> Card:
    way = way_of(channel.value)
    problems = way_problems(channel.value, way=way)
    trouble = trouble_of(channel.value)
    return Card(
        channel, way, adapter_of(way), problems, suppressed(channel.value), trouble, **entered
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*CHANGE)
def way_edit(request: HtmxHttpRequest, channel: str) -> HttpResponseBase:
    """`?adapter=` shows the fields of another one, before anything is changed."""
    way = way_of(_known(channel))
    if request.method == "POST":
        return _save(request, way)
    wanted = request.GET.get("adapter", "") or way.adapter
    adapter = ADAPTERS.get((channel, wanted), ADAPTERS[channel, OUTBOX])
    return _form(request, way, WayForm(way=way, adapter=adapter))


def _save(request: HtmxHttpRequest, way: WayFacts) -> HttpResponse:
    wanted = way.adapter if way.is_from_environment else request.POST.get("adapter", "")
    adapter = ADAPTERS.get((way.channel, wanted))
    if adapter is None:
        form = WayForm(way=way, adapter=ADAPTERS[way.channel, OUTBOX], data=request.POST)
        form.add_error(None, "Choose who delivers from the list.")
        return _form(request, way, form, status=UNPROCESSABLE)
    form = WayForm(way=way, adapter=adapter, data=request.POST)
    if form.is_valid():
        try:
            change_way(
                channel=way.channel,
                adapter=adapter.name,
                raw=form.raw(),
                now=current_time(),
                by_environment=way.is_from_environment,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{Channel(way.channel).label}: saved.")
            return redirect("sending")
    return _form(request, way, form, status=UNPROCESSABLE)


def _form(
    request: HtmxHttpRequest, way: WayFacts, form: WayForm, *, status: int = 200
) -> HttpResponse:
    adapter = form.adapter
    reports = way.channel in REPORTING and adapter.name not in (OUTBOX, "smtp")
    context: dict[str, Any] = {
        "section": SECTION,
        "channel": Channel(way.channel),
        "way": way,
        "adapter": adapter,
        "adapters": adapters_for(way.channel),
        "form": form,
        "hook": hook_address(way.channel, adapter.name) if reports else "",
        "is_public": is_public(),
    }
    return render(request, page_or_part(request, WAY, "way"), context, status=status)


@require_POST
@needs(*CHANGE)
def way_test(request: HtmxHttpRequest, channel: str) -> HttpResponse:
    if _known(channel) not in TESTED:
        raise Http404("A test cannot be sent by this channel.")
    address = _entered(request)
    if wrong := wrong_test_address(channel, address):
        entered = {"test_address": address, "wrong_test": wrong}
        return _page(request, wrong={channel: entered}, status=UNPROCESSABLE)
    way = way_of(channel)
    try:
        messages.success(
            request, send_test(channel=channel, way=way, address=address, clock=current_time)
        )
    except (Refused, TestFailed) as failed:
        messages.error(request, str(failed))
    return redirect("sending")


@require_POST
@needs(*CHANGE)
def way_try(request: HtmxHttpRequest, channel: str) -> HttpResponse:
    label = Channel(_known(channel)).label
    if try_now(channel=channel, now=current_time()):
        messages.success(request, f"{label}: what waits is tried now.")
    else:
        messages.success(request, f"{label}: nothing is wrong any more.")
    return redirect("sending")


@require_POST
@needs(*RULES)
def sending_rules(request: HtmxHttpRequest) -> HttpResponse:
    form = RulesForm(request.POST)
    if form.is_valid():
        try:
            set_rules(raw=form.cleaned_data, now=current_time())
        except Refused as refused:
            for problem in refused.problems:
                where = problem.path if problem.path in form.fields else None
                form.add_error(where, problem.message)
        else:
            messages.success(request, "The rules of sending were saved.")
            return redirect("sending")
    return _page(request, rules=form, status=UNPROCESSABLE)


@require_POST
@needs(*ALLOW)
def suppression_remove(request: HtmxHttpRequest, channel: str) -> HttpResponse:
    """By address: only its digest is stored, so nobody can list them."""
    address = _entered(request)
    if not allow_again(channel=_known(channel), address=address):
        entered = {"allow_address": address, "wrong_allow": "This address is not suppressed."}
        return _page(request, wrong={channel: entered}, status=UNPROCESSABLE)
    messages.success(request, "The address gets messages again.")
    return redirect("sending")


def _known(channel: str) -> str:
    if channel not in Channel.values:
        raise Http404("There is no such channel.")
    return channel


def _entered(request: HtmxHttpRequest) -> str:
    return request.POST.get("address", "").replace("\0", "").strip()[:320]
