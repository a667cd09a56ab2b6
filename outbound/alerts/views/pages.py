"""A segment's alerts: what somebody wants to be told of, and what was told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from contacts.problems import Conflict, Refused
from outbound.alerts import services, words
from outbound.alerts.forms import AlertForm, initial
from outbound.alerts.looking import told_of
from outbound.alerts.models import Alert, AlertMail, AlertRule
from outbound.alerts.selectors import Logged, alert_of, notices_of, wanted_of
from segmentflow.clock import current_time, workspace_zone
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segments.models import Segment
from segments.views.shown import SEE as SEE_SEGMENT
from segments.views.shown import segment_context, segment_of

PAGE = "outbound/segment_alerts.html"
SEE = (*SEE_SEGMENT, "outbound.view_alert")
CHANGE = (*SEE, "outbound.change_alert")
UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(*SEE)
def segment_alerts(request: HtmxHttpRequest, key: str) -> HttpResponseBase:
    segment = segment_of(key)
    alert = alert_of(segment)
    wanted = wanted_of(alert)
    if request.method == "POST":
        return _save(request, segment, alert, wanted)
    form = AlertForm(owner=segment.owner, initial=initial(wanted))
    return _page(request, segment, alert, form)


@needs(*CHANGE)
def _save(
    request: HtmxHttpRequest, segment: Segment, alert: Alert | None, wanted: services.Wanted
) -> HttpResponse:
    form = AlertForm(request.POST, owner=segment.owner)
    if form.is_valid():
        new = replace(form.wanted, is_paused=wanted.is_paused)
        try:
            services.set_alert(segment=segment, wanted=new)
        except Refused as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Saved.")
            return redirect("segment_alerts", segment.key)
    return _page(request, segment, alert, form)


def _page(
    request: HtmxHttpRequest, segment: Segment, alert: Alert | None, form: AlertForm
) -> HttpResponse:
    zone = workspace_zone()
    people = told_of(alert) if alert else []
    context: dict[str, Any] = {
        **segment_context(segment),
        "alert": alert,
        "form": form,
        "rules": [_rule(rule) for rule in alert.rules.all()] if alert else [],
        "people": people,
        "without_address": [user for user in people if not user.email],
        "entries": [_entry(row, zone) for row in notices_of(segment)],
        "zone": zone.key,
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, page_or_part(request, PAGE, "log"), context, status=status)


def _rule(rule: AlertRule) -> dict[str, Any]:
    said = words.rule_words(rule.kind, rule.number)
    return {"words": said[0].upper() + said[1:], "is_over": rule.is_over, "since": rule.since}


def _entry(row: Logged, zone: Any) -> dict[str, Any]:
    notice = row.notice
    happened = words.happened(notice)
    return {
        "notice": notice,
        "change": notice.size - notice.before,
        "happened": happened[0].upper() + happened[1:],
        "also": words.also(notice),
        "reasons": words.reasons(notice, zone=zone),
        "is_by_edit": words.is_by_edit(notice),
        "sent": [mail for mail in row.mails if mail.state == AlertMail.State.SENT],
        "stuck": [mail for mail in row.mails if mail.state != AlertMail.State.SENT],
    }


@require_POST
@needs(*CHANGE)
def segment_alerts_pause(request: HtmxHttpRequest, key: str) -> HttpResponse:
    """Or go on; the form says which."""
    segment = segment_of(key)
    is_paused = request.POST.get("on") == "1"
    wanted = replace(wanted_of(alert_of(segment)), is_paused=is_paused)
    services.set_alert(segment=segment, wanted=wanted)
    messages.success(request, "Alerts are paused." if is_paused else "Alerts are on again.")
    return redirect("segment_alerts", key)


@require_POST
@needs(*CHANGE)
def segment_alerts_retry(request: HtmxHttpRequest, key: str) -> HttpResponse:
    segment = segment_of(key)
    services.try_mails_again(segment=segment, now=current_time())
    messages.success(request, "The mails are tried again within a minute.")
    return redirect("segment_alerts", key)
