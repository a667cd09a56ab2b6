"""What each role may do. A role is a Django group; its rights are granted after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS

MARKETERS = "Marketers"
CAMPAIGN_MANAGERS = "Campaign managers"
ADMINS = "Admins"

SEE = ("view",)
ALL = ("view", "add", "change", "delete")

# What describes people and what happened to them; everybody who plans something reads it.
DATA = (
    "contacts.contact",
    "contacts.identity",
    "contacts.field",
    "events.event",
    "events.eventtype",
)
# What the engine writes about segments; nobody writes it by hand.
RESULTS = ("segments.segmentversion", "segments.membership", "segments.transition")
# What is told to other programs and to people about segments.
OUTBOUND = ("outbound.export", "outbound.exportrun", "outbound.alert", "outbound.alertnotice")
# What was sent, to whom, and what came of it.
SENDING = ("campaigns.message", "campaigns.click", "campaigns.outboxmessage")

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    MARKETERS: {
        **dict.fromkeys(DATA, SEE),
        **dict.fromkeys(RESULTS, SEE),
        **dict.fromkeys(OUTBOUND, SEE),
        "segments.segment": ALL,
        "outbound.alert": ("view", "change"),
        "segments.savedtemplate": ALL,
        "campaigns.campaign": SEE,
    },
    CAMPAIGN_MANAGERS: {
        **dict.fromkeys(DATA, SEE),
        **dict.fromkeys(RESULTS, SEE),
        **dict.fromkeys(OUTBOUND, SEE),
        "segments.segment": SEE,
        "segments.savedtemplate": SEE,
        **dict.fromkeys(SENDING, SEE),
        "campaigns.campaign": (*ALL, "send"),
        "campaigns.picture": ALL,
    },
    ADMINS: {
        **dict.fromkeys(DATA, ALL),
        **dict.fromkeys(RESULTS, SEE),
        "segments.segment": ALL,
        "segments.savedtemplate": ALL,
        "segments.rebuild": SEE,
        **dict.fromkeys(SENDING, SEE),
        "campaigns.campaign": (*ALL, "send"),
        "campaigns.picture": ALL,
        "campaigns.sendingrules": ("view", "change"),
        "campaigns.way": ("view", "change"),
        "campaigns.suppression": ("view", "delete"),
        **dict.fromkeys(OUTBOUND, SEE),
        "outbound.alert": ("view", "change"),
        "outbound.export": ALL,
        "outbound.webhook": ALL,
        "outbound.webhookdelivery": SEE,
        "segmentflow.user": ALL,
        "segmentflow.apikey": ALL,
        "segmentflow.website": ALL,
        "segmentflow.auditentry": SEE,
        "segmentflow.workspace": ("view", "change"),
        "segmentflow.sighting": SEE,
        "events.ingestproblem": ("view", "delete"),
        "events.retention": ("view", "change"),
        "segments.moveretention": ("view", "change"),
        "auth.group": SEE,
        "django_q.failure": ("view", "delete"),
    },
}


def permissions_of(role: str) -> set[str]:
    """In Django's spelling, `app.action_model`."""
    return {
        f"{app}.{action}_{model}"
        for name, actions in RIGHTS[role].items()
        for app, model in [name.split(".")]
        for action in actions
    }


def grant_rights(*, using: str = DEFAULT_DB_ALIAS, plan: Any = None, **signal: Any) -> None:
    """Give each role exactly its rights, and take any other away."""
    from django.contrib.auth.models import Group, Permission

    if plan is not None and not plan and _all_granted(using):
        return
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in RIGHTS:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set([known[name] for name in permissions_of(role)])


def _all_granted(using: str) -> bool:
    """Nearly every start finds nothing to do; looking is much cheaper than granting."""
    from django.contrib.auth.models import Group

    granted: dict[str, set[str]] = {role: set() for role in RIGHTS}
    rows = Group.objects.using(using).values_list(
        "name", "permissions__content_type__app_label", "permissions__codename"
    )
    for role, app, codename in rows.filter(name__in=RIGHTS):
        granted[role].add(f"{app}.{codename}")
    return all(granted[role] == permissions_of(role) for role in RIGHTS)
