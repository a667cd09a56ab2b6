"""Who may do what: a line for each address, with those who may see it and those who may send to it.

A new page, endpoint or method needs a line here; test_rights.py says which one is missing, and tries
each line for everybody. Names in braces are the objects that world.py makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from segmentflow.models import ApiKey
from segmentflow.roles import ADMINS as ADMIN
from segmentflow.roles import CAMPAIGN_MANAGERS as MANAGER
from segmentflow.roles import MARKETERS as MARKETER

Who = frozenset[str]

ANONYMOUS: Final = "anonymous"
NO_ROLE: Final = "no role"
SUPERUSER: Final = "superuser"
PEOPLE: Final = (ANONYMOUS, NO_ROLE, MARKETER, MANAGER, ADMIN, SUPERUSER)
KEYS: Final = tuple(ApiKey.Scope.values)
"""Programs, each with a key of this one scope."""

NOBODY: Final[Who] = frozenset()
OWNERS: Final[Who] = frozenset({SUPERUSER})
ADMINS: Final[Who] = OWNERS | {ADMIN}
SENDERS: Final[Who] = ADMINS | {MANAGER}
WRITERS: Final[Who] = ADMINS | {MARKETER}
ROLES: Final[Who] = WRITERS | {MANAGER}
SIGNED_IN: Final[Who] = ROLES | {NO_ROLE}
PUBLIC: Final[Who] = SIGNED_IN | {ANONYMOUS}
ANYBODY: Final[Who] = PUBLIC | {*KEYS}
INGEST: Final[Who] = frozenset({"ingest"})
READ: Final[Who] = frozenset({"read"})
WRITE: Final[Who] = frozenset({"write"})
AUDIT: Final[Who] = frozenset({"audit"})


@dataclass(frozen=True, slots=True)
class Line:
    address: str
    get: Who | None = None
    """None: this method is not answered at all (405)."""
    post: Who | None = None
    patch: Who | None = None
    delete: Who | None = None
    sends: dict[str, Any] | None = None
    """What a form or a body has; what would be valid shows best that nothing of it is kept."""
    misses: bool = False
    """Answered 404 to those who may."""

    def methods(self) -> Iterator[tuple[str, Who]]:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            who: Who | None = getattr(self, method.lower())
            if who is not None:
                yield method, who


SITE = [
    Line("/", SIGNED_IN),
    Line("/favicon.ico", PUBLIC),
    Line("/t.js", PUBLIC),
    Line("/push.js", PUBLIC),
    Line("/push-worker.js", PUBLIC),
    Line("/search?q=anna", SIGNED_IN),
    Line("/docs", PUBLIC),
    Line("/docs/", PUBLIC),
    Line("/docs/builder", PUBLIC),
    Line("/docs/search?q=keys", PUBLIC),
    Line("/freshness", ROLES),
    Line("/theme", post=PUBLIC),
    Line("/sign-in", PUBLIC, post=PUBLIC),
    Line("/sign-in/code", PUBLIC, post=PUBLIC, sends={"code": "123456"}),
    Line("/sign-in/passkey", post=PUBLIC),
    Line("/sign-in/passkey/answer", post=PUBLIC),
    Line("/sign-out", post=PUBLIC),
    Line("/account", SIGNED_IN, post=SIGNED_IN, sends={"email": "new@example.com"}),
    Line("/account/security", SIGNED_IN),
    Line("/account/password", SIGNED_IN, post=SIGNED_IN),
    Line("/account/second-factor", SIGNED_IN, post=SIGNED_IN, sends={"code": "123456"}),
    Line("/account/second-factor/off", SIGNED_IN, post=SIGNED_IN, sends={"code": "123456"}),
    Line("/account/second-factor/codes", SIGNED_IN, post=SIGNED_IN),
    Line("/account/passkeys", post=SIGNED_IN, sends={"name": "Phone"}),
    Line("/account/passkeys/answer", post=SIGNED_IN),
    # Of somebody else: of one's own they are tried in segmentflow/tests/test_passkeys.py.
    Line("/account/passkeys/{passkey}", SIGNED_IN, post=SIGNED_IN, misses=True),
    Line("/account/passkeys/{passkey}/remove", SIGNED_IN, post=SIGNED_IN, misses=True),
    Line("/account/sessions", SIGNED_IN),
    Line("/account/sessions/end", post=SIGNED_IN),
    Line("/account/sessions/{session}/end", post=SIGNED_IN, misses=True),
]
CONTACTS = [
    Line("/contacts", ROLES),
    Line("/contacts/{contact}", ROLES),
    Line("/contacts/{contact}/edit", ADMINS, post=ADMINS, sends={"first_name": "Eve"}),
    Line("/contacts/{contact}/erase", ADMINS, post=ADMINS),
    Line(
        "/contacts/{contact}/values/city",
        ADMINS,
        post=ADMINS,
        sends={"city": "Bergen", "shown": ""},
    ),
    Line("/contacts/{contact}/consents/email", ADMINS, post=ADMINS, sends={"subscribed": "no"}),
    Line(
        "/contacts/{contact}/names/remove?kind=email&value=anna@example.com",
        ADMINS,
        post=ADMINS,
        sends={"kind": "email", "value": "anna@example.com"},
    ),
    Line("/contacts/{contact}/everything.json", ADMINS),
    Line("/contacts/{contact}/merge", ADMINS),
    Line("/contacts/{contact}/merge/{other}", ADMINS, post=ADMINS),
    Line("/contacts/export", ROLES, post=ROLES),
    Line("/contacts/columns", ROLES, post=ROLES, sends={"column": "city"}),
    Line("/contacts/count", ROLES),
    Line("/contacts/bulk", ROLES, post=ROLES),
    Line("/contacts/bulk?do=add&id={contact}", WRITERS, post=WRITERS, sends={"choice": "listed"}),
    Line("/contacts/bulk?do=remove&all=1", WRITERS, post=WRITERS, sends={"choice": "listed"}),
    Line("/contacts/bulk?do=erase&id={contact}", ADMINS, post=ADMINS, sends={"number": "1"}),
    Line("/contacts/imports", ADMINS, post=ADMINS),
    Line("/contacts/imports/{import}", ADMINS, post=ADMINS, sends={"action": "run"}),
    Line("/contacts/imports/{import}/cancel", post=ADMINS),
    Line("/contacts/imports/{import}/refused.csv", ADMINS),
    Line("/contacts/fields", ROLES),
    Line("/contacts/fields/new", ADMINS, post=ADMINS, sends={"label": "X", "type": "text"}),
    Line("/contacts/fields/new/edit", ADMINS, post=ADMINS, sends={"label": "X"}),
    Line("/contacts/fields/Birthday", ADMINS, post=ADMINS, sends={"label": "X"}),
    Line("/contacts/fields/Birthday/delete", ADMINS, post=ADMINS),
    Line("/contacts/fields/Birthday/type", ADMINS, post=ADMINS, sends={"type": "text"}),
    Line("/contacts/fields/Birthday/type/{change}.csv", ADMINS),
    Line("/contacts/fields/Birthday/move", post=ADMINS, sends={"to": "up"}),
]
EVENTS = [
    Line("/events", ROLES),
    Line("/events/types", ROLES),
    Line("/events/types/new", ADMINS, post=ADMINS, sends={"key": "New", "label": "New"}),
    Line("/events/types/{type}", ROLES, post=ADMINS, sends={"label": "X"}),
    Line("/events/send", ROLES, post=ADMINS),
]
SEGMENTS = [
    Line("/segments", ROLES),
    Line("/segments/-new", WRITERS, post=WRITERS, sends={"name": "New", "kind": "static"}),
    Line("/segments/-new/inactive-vips", WRITERS, post=WRITERS),
    Line("/segments/-begin", post=WRITERS, sends={"where": '[{"kind": "everyone"}]'}),
    Line("/segments/-overlap?segment=vips&segment=buyers", ROLES),
    Line("/segments/-overlap/matrix", ROLES),
    Line("/segments/-activity", ROLES),
    Line("/segments/-activity.csv?segment=vips", ROLES),
    Line("/segments/vips/activity.csv", ROLES),
    Line("/segments/-compare?segment=vips&segment=buyers", ROLES),
    Line("/segments/-new/new-this-week/count", WRITERS),
    Line("/segments/-new/new-this-week/file", WRITERS),
    Line("/segments/-new/ours/edit", WRITERS, post=WRITERS, sends={"name": "New"}),
    Line("/segments/-new/ours/delete", WRITERS, post=WRITERS),
    Line("/segments/-import-template", WRITERS, post=WRITERS),
    Line("/segments/vips/template", WRITERS, post=WRITERS, sends={"name": "New"}),
    Line("/segments/-filter", ROLES),
    Line("/segments/-filter/edit?add=field:city", ROLES),
    Line("/segments/-filter/values", ROLES),
    Line("/segments/vips", ROLES),
    Line("/segments/vips/members.csv", ROLES),
    Line("/segments/vips/breakdown?field=country", ROLES),
    Line("/segments/vips/activity", ROLES),
    Line("/segments/vips/explain", ROLES),
    Line("/segments/vips/explain/{contact}", ROLES),
    Line("/segments/vips/explain/{contact}/moves/{move}", ROLES),
    Line("/segments/-explain/{contact}?segment=vips", ROLES),
    Line("/segments/vips/overlap", ROLES),
    Line("/segments/vips/suggestions", ROLES),
    Line("/segments/vips/versions", ROLES),
    Line("/segments/vips/versions/compare", ROLES),
    Line("/segments/vips/versions/1/restore", post=WRITERS),
    Line("/segments/vips/details", WRITERS, post=WRITERS, sends={"name": "New"}),
    Line("/segments/vips/pause", post=WRITERS),
    Line("/segments/vips/resume", post=WRITERS),
    Line("/segments/vips/duplicate", post=WRITERS),
    Line("/segments/vips/archive", WRITERS, post=WRITERS),
    Line("/segments/vips/delete", WRITERS, post=WRITERS),
    Line("/segments/draft/archive", WRITERS, post=WRITERS),
    Line("/segments/draft/delete", WRITERS, post=WRITERS),
    Line("/segments/draft/restore", post=WRITERS),
]
OUTBOUND = [
    Line("/segments/vips/exports", ROLES),
    Line("/exports/new", ADMINS, post=ADMINS, sends={"name": "New", "segment": "vips"}),
    Line("/exports/{export}", ROLES),
    Line("/exports/{export}/edit", ADMINS, post=ADMINS, sends={"name": "New"}),
    Line("/exports/{export}/run", post=ADMINS),
    Line("/exports/{export}/pause", post=ADMINS),
    Line("/exports/{export}/resume", post=ADMINS),
    Line("/exports/{export}/delete", ADMINS, post=ADMINS),
    Line("/exports/{export}/files/{export_run}", ROLES),
    Line("/segments/vips/alerts", ROLES, post=WRITERS, sends={"empty": "on", "to_owner": "on"}),
    Line("/segments/vips/alerts/pause", post=WRITERS, sends={"on": "1"}),
    Line("/segments/vips/alerts/retry", post=WRITERS),
]
BUILDER = [
    Line("/segments/vips/builder", WRITERS),
    Line("/segments/vips/builder/do", post=WRITERS, sends={"op": "add", "kind": "field"}),
    Line("/segments/vips/builder/result", WRITERS),
    Line("/segments/vips/builder/values?node=n2&name=value", WRITERS),
    Line("/segments/vips/builder/test", WRITERS),
    Line("/segments/vips/builder/publish", WRITERS, post=WRITERS),
    Line("/segments/vips/builder/json", WRITERS, post=WRITERS, sends={"definition": "null"}),
    Line("/segments/vips/builder/discard", WRITERS, post=WRITERS),
    Line("/segments/vips/builder/others", WRITERS),
]
# Draft, started and done campaigns, with their messages: world.py makes each.
CAMPAIGNS = [
    Line("/campaigns", ROLES),
    Line("/campaigns/{campaign}/message", SENDERS, post=SENDERS, sends={"subject": "New"}),
    Line("/campaigns/{campaign}/preview", ROLES),
    Line("/campaigns/{campaign}/preview.html", ROLES),
    Line("/campaigns/{campaign}/test", SENDERS, post=SENDERS, sends={"address": "me@example.com"}),
    Line("/campaigns/pictures", SENDERS, post=SENDERS),
    Line("/campaigns/pictures/{picture}/delete", SENDERS, post=SENDERS),
    Line("/campaigns/outbox", SENDERS),
    Line("/campaigns/outbox/{outbox}", SENDERS),
    Line("/campaigns/outbox/{outbox}.html", SENDERS),
    Line("/m/i/{picture_token}.gif", PUBLIC),
    Line("/campaigns/new", SENDERS, post=SENDERS, sends={"name": "New", "channel": "sms"}),
    Line("/campaigns/{campaign}", ROLES),
    Line(
        "/campaigns/{campaign}/edit",
        SENDERS,
        post=SENDERS,
        sends={"name": "New", "channel": "sms", "kind": "now", "revision": "0"},
    ),
    Line("/campaigns/{campaign}/audience", ROLES),
    Line("/campaigns/{campaign}/audience/receiving", ROLES),
    Line("/campaigns/{campaign}/start", SENDERS, post=SENDERS, sends={"revision": "0"}),
    Line("/campaigns/{campaign}/duplicate", post=SENDERS),
    Line("/campaigns/{campaign}/delete", SENDERS, post=SENDERS),
    Line("/campaigns/{sending}", ROLES),
    Line("/campaigns/{sending}/recipients", SENDERS),
    Line("/campaigns/{sending}/recipients.csv", SENDERS),
    Line("/campaigns/{sending}/again", SENDERS, post=SENDERS, sends={"state": "failed"}),
    Line("/campaigns/{sending}/pause", post=SENDERS),
    Line("/campaigns/{sending}/resume", post=SENDERS),
    Line("/campaigns/{sending}/cancel", SENDERS, post=SENDERS),
]
# What stands in messages: whoever has the message may.
RECIPIENTS = [
    Line("/m/o/{opening}.gif", PUBLIC),
    Line("/m/c/{clicking}", PUBLIC),
    Line("/s/{short}", PUBLIC),
    Line("/m/u/{leaving}", PUBLIC, post=PUBLIC),
    Line("/m/u/{leaving}/now", PUBLIC, post=PUBLIC, sends={"List-Unsubscribe": "One-Click"}),
    Line("/m/hooks/email/postmark/{hook}", post=PUBLIC),
    Line("/m/hooks/sms/{sms_hook}", PUBLIC, post=PUBLIC),
    Line("/m/u/{leaving}/choices", PUBLIC, post=PUBLIC, sends={"shown": "email"}),
]
SETTINGS = [
    Line("/settings", ADMINS),
    Line("/settings/keys", ADMINS),
    Line("/settings/keys/new", ADMINS, post=ADMINS, sends={"name": "New", "scopes": "write"}),
    Line("/settings/keys/{key}", ADMINS),
    Line("/settings/keys/{key}/edit", ADMINS, post=ADMINS, sends={"requests_per_second": "9"}),
    Line("/settings/keys/{key}/rotate", ADMINS, post=ADMINS, sends={"days": "7"}),
    Line("/settings/keys/{key}/revoke", ADMINS, post=ADMINS),
    Line("/settings/websites", ADMINS),
    Line(
        "/settings/websites/new",
        ADMINS,
        post=ADMINS,
        sends={"name": "New", "origins": "https://new.example"},
    ),
    Line("/settings/websites/{website}", ADMINS),
    Line("/settings/websites/{website}/edit", ADMINS, post=ADMINS, sends={"name": "X"}),
    Line("/settings/websites/{website}/revoke", ADMINS, post=ADMINS),
    Line("/settings/users", ADMINS),
    Line("/settings/users/new", ADMINS, post=ADMINS, sends={"username": "new", "role": ADMIN}),
    Line("/settings/users/{user}", ADMINS, post=ADMINS, sends={"username": "x", "role": ADMIN}),
    Line("/settings/users/{owner}", ADMINS, post=OWNERS),
    Line("/settings/users/{user}/password", ADMINS, post=ADMINS),
    Line("/settings/users/{owner}/password", OWNERS, post=OWNERS),
    Line("/settings/users/{user}/unlock", post=ADMINS),
    Line("/settings/users/{owner}/unlock", post=OWNERS),
    Line("/settings/users/{user}/sign-out", post=ADMINS),
    Line("/settings/users/{owner}/sign-out", post=OWNERS),
    Line("/settings/users/{user}/reset", ADMINS, post=ADMINS),
    Line("/settings/users/{owner}/reset", OWNERS, post=OWNERS),
    Line("/settings/sending", ADMINS),
    Line("/settings/sending/rules", post=ADMINS, sends={"cap_messages": "3", "cap_days": "7"}),
    Line(
        "/settings/sending/email",
        ADMINS,
        post=ADMINS,
        sends={"adapter": "outbox", "sender_address": "shop@example.com"},
    ),
    Line("/settings/sending/email/test", post=ADMINS, sends={"address": "me@example.com"}),
    Line("/settings/sending/email/try", post=ADMINS),
    Line("/settings/sending/email/allow", post=ADMINS, sends={"address": "anna@example.com"}),
    Line("/settings/webhooks", ADMINS),
    Line(
        "/settings/webhooks/new",
        ADMINS,
        post=ADMINS,
        sends={
            "name": "New",
            "url": "https://new.example/hook",
            "scope": "every",
            "on_entering": "on",
            "most_moves": "10",
            "wait_ms": "500",
        },
    ),
    Line("/settings/webhooks/{webhook}", ADMINS),
    Line("/settings/webhooks/{webhook}/edit", ADMINS, post=ADMINS, sends={"name": "X"}),
    Line("/settings/webhooks/{webhook}/secret", ADMINS, post=ADMINS),
    Line("/settings/webhooks/{webhook}/test", post=ADMINS),
    Line("/settings/webhooks/{webhook}/pause", post=ADMINS),
    Line("/settings/webhooks/{webhook}/resume", post=ADMINS),
    Line("/settings/webhooks/{webhook}/try", post=ADMINS),
    Line("/settings/webhooks/{webhook}/delete", ADMINS, post=ADMINS),
    Line("/settings/webhooks/{webhook}/again", post=ADMINS),
    Line("/settings/webhooks/{webhook}/deliveries/{delivery}", ADMINS),
    Line("/settings/webhooks/{webhook}/deliveries/{delivery}/again", post=ADMINS),
    Line("/settings/webhooks/{webhook}/deliveries/{delivery_waiting}/aside", post=ADMINS),
    Line("/settings/exports", ADMINS),
    Line("/settings/retention", ADMINS),
    Line("/settings/retention/moves", ADMINS, post=ADMINS, sends={"months": "24"}),
    Line("/settings/retention/moves/pause", post=ADMINS),
    Line("/settings/retention/{type}", ADMINS, post=ADMINS, sends={"months": "24"}),
    Line("/settings/retention/{type}/pause", post=ADMINS),
    Line("/settings/audit?q=vips", ADMINS),
    Line("/settings/audit.csv", ADMINS),
    Line("/settings/audit/retention", ADMINS, post=ADMINS, sends={"months": "12"}),
    Line("/settings/workspace/unknown-types", post=ADMINS, sends={"unknown_types": "refuse"}),
    Line("/settings/workspace/second-factor", post=ADMINS, sends={"roles": "everybody"}),
    Line("/settings/workspace", ADMINS, post=ADMINS, sends={"time_zone": "Asia/Tokyo"}),
    Line("/settings/status", ADMINS),
    Line("/settings/status/failures/dismiss", post=ADMINS),
    Line("/settings/status/failures/{failure}/again", post=ADMINS),
    Line("/settings/status/failures/{failure}/dismiss", post=ADMINS),
    Line("/settings/workspace/demo/load", post=ADMINS),
    Line("/settings/workspace/demo/stream", post=ADMINS),
    Line("/settings/workspace/demo/remove", ADMINS, post=ADMINS),
]
SEGMENT = "/api/v1/segments/vips"
API = [
    Line("/api/schema/", ANYBODY),
    Line("/api/docs/", ANYBODY),
    Line("/api/v1/status", ROLES | {*KEYS}),
    Line("/api/v1/audit", ADMINS | AUDIT),
    Line("/api/v1/contacts", ROLES | READ, post=ADMINS | INGEST, sends={"external_id": "new"}),
    Line(
        "/api/v1/contacts/batch",
        post=ADMINS | INGEST,
        sends={"contacts": [{"external_id": "new"}]},
    ),
    Line(
        "/api/v1/contacts/{contact}",
        ROLES | READ,
        patch=ADMINS | WRITE,
        delete=ADMINS | WRITE,
        sends={"first_name": "Eve"},
    ),
    Line("/api/v1/contacts/{contact}/events", ROLES | READ),
    Line("/api/v1/contacts/{contact}/segments", ROLES | READ),
    Line("/api/v1/fields", ROLES | READ, post=ADMINS | WRITE, sends={"key": "x", "type": "text"}),
    Line(
        "/api/v1/fields/Birthday",
        ROLES | READ,
        patch=ADMINS | WRITE,
        delete=ADMINS | WRITE,
        sends={"label": "X"},
    ),
    Line(
        "/api/v1/events",
        post=ADMINS | INGEST,
        sends={"contact": {"external_id": "anna"}, "type": "Purchase", "message_id": "new"},
    ),
    Line("/api/v1/event-types", ROLES | READ, post=ADMINS | WRITE, sends={"key": "New"}),
    Line("/api/v1/event-types/Purchase", ROLES | READ, patch=ADMINS | WRITE, sends={"label": "X"}),
    Line(
        "/api/v1/segments",
        ROLES | READ,
        post=WRITERS | WRITE,
        sends={"key": "new", "name": "New", "kind": "static"},
    ),
    Line(
        "/api/v1/segments/preview",
        post=ROLES | READ | WRITE,
        sends={"definition": {"kind": "group", "match": "all", "children": []}},
    ),
    Line(
        SEGMENT,
        ROLES | READ,
        patch=WRITERS | WRITE,
        delete=WRITERS | WRITE,
        sends={"name": "New"},
    ),
    Line(
        "/api/v1/segments/listed/members",
        ROLES | READ,
        post=WRITERS | WRITE,
        delete=WRITERS | WRITE,
        sends={"contacts": [{"external_id": "anna"}]},
    ),
    Line(f"{SEGMENT}/members.csv", ROLES | READ),
    Line(f"{SEGMENT}/explain/{{contact}}", ROLES | READ),
    Line(f"{SEGMENT}/transitions", ROLES | READ),
    Line(f"{SEGMENT}/history", ROLES | READ),
    Line(f"{SEGMENT}/breakdown", ROLES | READ),
    Line(f"{SEGMENT}/alerts", ROLES | READ, patch=WRITERS | WRITE, sends={"empty": True}),
    Line(f"{SEGMENT}/alerts/notices", ROLES | READ),
    # What writes files of contacts reads them as well, so a key needs both scopes.
    Line(
        "/api/v1/exports",
        ROLES | READ,
        post=ADMINS,
        sends={"segment": "vips", "name": "New", "columns": ["id"]},
    ),
    Line(
        "/api/v1/exports/{export}",
        ROLES | READ,
        patch=ADMINS,
        delete=ADMINS | WRITE,
        sends={"name": "New"},
    ),
    Line("/api/v1/exports/{export}/run", post=ADMINS),
    Line("/api/v1/exports/{export}/runs", ROLES | READ),
    Line("/api/v1/segments/overlap?segment=vips&segment=buyers", ROLES | READ),
    Line(f"{SEGMENT}/suggestions", ROLES | READ),
    # A key needs both scopes to change webhooks (outbound/webhooks/api.py).
    Line(
        "/api/v1/webhooks",
        ADMINS | READ,
        post=ADMINS,
        sends={"name": "New", "url": "https://new.example/", "every_segment": True},
    ),
    Line(
        "/api/v1/webhooks/{webhook}",
        ADMINS | READ,
        patch=ADMINS,
        delete=ADMINS,
        sends={"status": "paused"},
    ),
    Line("/api/v1/webhooks/{webhook}/secret", post=ADMINS),
    Line("/api/v1/webhooks/{webhook}/test", post=ADMINS),
    Line("/api/v1/webhooks/{webhook}/deliveries", ADMINS | READ),
    Line("/api/v1/webhooks/{webhook}/deliveries/resend", post=ADMINS),
    Line("/api/v1/webhooks/{webhook}/deliveries/{delivery}/resend", post=ADMINS),
    Line(f"{SEGMENT}/versions", ROLES | READ),
    Line(f"{SEGMENT}/versions/1", ROLES | READ),
    Line(f"{SEGMENT}/versions/1/compared/1", ROLES | READ),
    Line(f"{SEGMENT}/versions/1/restore", post=WRITERS | WRITE),
    Line("/api/v1/templates", ROLES | READ, post=WRITERS | WRITE, sends={"segment": "vips"}),
    Line("/api/v1/templates/ours", ROLES | READ, delete=WRITERS | WRITE),
    Line("/api/v1/templates/new-this-week/create", post=WRITERS | WRITE, sends={}),
    Line("/v1/identify", post=INGEST, sends={"userId": "new", "messageId": "new"}),
    Line("/v1/batch", post=INGEST, sends={"batch": []}),
    Line("/v1/push", post=INGEST, sends={"userId": "new", "subscription": {}}),
]
ADMINISTRATION = [
    Line("/admin/", ROLES, post=ROLES),
    Line("/admin/login/", NOBODY, post=NOBODY),
    Line("/admin/logout/", post=PUBLIC),
    Line("/admin/password_change/", ROLES, post=ROLES),
    Line("/admin/password_change/done/", ROLES),
    Line("/admin/jsi18n/", ROLES),
    Line("/admin/autocomplete/", NOBODY),
    Line("/admin/r/1/1/", ROLES, post=ROLES, misses=True),
    Line("/admin/contacts/", ROLES, post=ROLES),
    Line("/admin/nothing", ROLES, post=ROLES, misses=True),
    Line("/admin/segmentflow/user/{user}/password/", ADMINS, post=ADMINS),
    Line("/admin/segmentflow/user/{owner}/change/", ADMINS, post=OWNERS),
]


@dataclass(frozen=True, slots=True)
class Model:
    """Of Django's administration, and who may do what with its rows there."""

    name: str
    row: str
    see: Who
    add: Who = NOBODY
    change: Who = NOBODY
    delete: Who = NOBODY

    @property
    def list(self) -> str:
        return f"/admin/{self.name}/"

    def lines(self) -> Iterator[Line]:
        row = f"{self.list}{{{self.row}}}"
        # What is sent to a list are its actions: who may see it may send none (test_rights.py).
        yield Line(self.list, self.see, post=self.see)
        yield Line(f"{self.list}add/", self.add, post=self.add)
        yield Line(f"{row}/history/", self.see, post=self.see)
        yield Line(f"{row}/change/", self.see, post=self.change)
        yield Line(f"{row}/delete/", self.delete, post=self.delete)
        yield Line(f"{row}/", ROLES, post=ROLES)


MODELS = [
    Model("contacts/contact", "contact", ROLES, delete=ADMINS),
    Model("contacts/field", "field", ROLES, ADMINS, ADMINS, ADMINS),
    Model("events/eventtype", "type", ROLES, ADMINS, ADMINS),
    Model("events/ingestproblem", "problem", ADMINS, delete=ADMINS),
    Model("segments/segment", "segment", ROLES, WRITERS, WRITERS, WRITERS),
    Model("segments/segmentversion", "version", ROLES),
    Model("segments/rebuild", "rebuild", ADMINS),
    Model("campaigns/campaign", "campaign", ROLES),
    Model("campaigns/sendingrules", "rules", ADMINS),
    Model("campaigns/way", "way", ADMINS),
    Model("segmentflow/user", "user", ADMINS, ADMINS, ADMINS, ADMINS),
    Model("segmentflow/apikey", "key", ADMINS, ADMINS, ADMINS, ADMINS),
    Model("auth/group", "group", ADMINS),
    Model("django_q/failure", "failure", ADMINS, change=OWNERS, delete=ADMINS),
    Model("django_q/ormq", "waiting", OWNERS, change=OWNERS, delete=OWNERS),
]

LINES = [
    *SITE,
    *CONTACTS,
    *EVENTS,
    *SEGMENTS,
    *CAMPAIGNS,
    *RECIPIENTS,
    *BUILDER,
    *OUTBOUND,
    *SETTINGS,
    *API,
    *ADMINISTRATION,
    *(line for model in MODELS for line in model.lines()),
]
