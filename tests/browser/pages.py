"""Every page by its name, for pictures and for checks that concern all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

FILTERS = quote(
    json.dumps(
        [
            {"kind": "field", "field": "Status_VIP", "operator": "equals", "value": "Gold"},
            {"kind": "event", "event": "Purchase", "operator": "at_least", "value": 1},
        ]
    )
)
NOT_UNDERSTOOD = quote(json.dumps([{"kind": "field", "field": "gone", "operator": "is_set"}]))
PAGES = {
    "home": "/",
    "search": "/search?q={name}",
    "segments": "/segments",
    "segments-nothing-found": "/segments?q=zzz",
    "segment-new": "/segments/-new",
    "segment-from-template": "/segments/-new/inactive-vips",
    "template-import": "/segments/-import-template",
    "template-save": "/segments/{segment}/template",
    "segment": "/segments/{segment}",
    "segment-hours": "/segments/{segment}?range=7d",
    "segments-compare": "/segments/-compare?segment={segment}&segment={draft}",
    "segments-compare-nothing": "/segments/-compare",
    "segment-draft": "/segments/{draft}",
    "segment-breakdown": "/segments/{segment}/breakdown",
    "segment-activity": "/segments/{segment}/activity",
    "activity": "/segments/-activity",
    "segment-explain": "/segments/{segment}/explain",
    "segment-explain-found": "/segments/{segment}/explain?q={name}",
    "segment-explain-contact": "/segments/{segment}/explain/{contact}",
    "segment-move": "/segments/{segment}/explain/{move}",
    "segment-overlap": "/segments/{segment}/overlap",
    "segment-suggestions": "/segments/{segment}/suggestions",
    "overlap": "/segments/-overlap",
    "overlap-compared": "/segments/-overlap?segment={segment}&segment={other_segment}",
    "overlap-matrix": "/segments/-overlap/matrix",
    "segment-versions": "/segments/{segment}/versions",
    "segment-alerts": "/segments/{segment}/alerts",
    "segment-exports": "/segments/{segment}/exports",
    "export-new": "/exports/new?segment={segment}",
    "export": "/exports/{export}",
    "export-edit": "/exports/{export}/edit",
    "export-delete": "/exports/{export}/delete",
    "versions-compare": "/segments/{segment}/versions/compare",
    "segment-details": "/segments/{segment}/details",
    "segment-delete": "/segments/{segment}/delete",
    "builder": "/segments/{segment}/builder",
    "builder-counted": "/segments/{segment}/builder?counted=1",
    "builder-test": "/segments/{segment}/builder/test",
    "builder-test-contact": "/segments/{segment}/builder/test?contact={contact}",
    "builder-publish": "/segments/{segment}/builder/publish",
    "builder-json": "/segments/{segment}/builder/json",
    "builder-discard": "/segments/{segment}/builder/discard",
    "campaigns": "/campaigns",
    "campaign-new": "/campaigns/new?segment={segment}",
    "campaign-edit": "/campaigns/{campaign}/edit",
    "campaign-audience": "/campaigns/{campaign}/audience",
    "campaign-receiving": "/campaigns/{campaign}/audience/receiving",
    "campaign-start": "/campaigns/{campaign}/start",
    "campaign": "/campaigns/{sending}",
    "campaign-recipients": "/campaigns/{sending}/recipients",
    "campaign-again": "/campaigns/{sending}/again?state=failed",
    "campaign-cancel": "/campaigns/{sending}/cancel",
    "contacts": "/contacts",
    "contacts-filtered": f"/contacts?where={FILTERS}&sort=name&segment={{segment}}",
    "contacts-not-understood": f"/contacts?where={NOT_UNDERSTOOD}",
    "contacts-columns": "/contacts/columns",
    "contacts-add-to-segment": "/contacts/bulk?do=add&id={contact}",
    "contacts-erase": "/contacts/bulk?do=erase&id={contact}&id={other}",
    "filter-choose": f"/segments/-filter?where={FILTERS}",
    "filter-edit": f"/segments/-filter/edit?where={FILTERS}&place=1",
    "segment-from-list": f"/segments/-new?where={FILTERS}",
    "contact": "/contacts/{contact}",
    "contact-edit": "/contacts/{contact}/edit",
    "contact-value": "/contacts/{contact}/values/attributes.{field}",
    "contact-consent": "/contacts/{contact}/consents/email",
    "contact-consents": "/contacts/{contact}?type=consents",
    "contact-erase": "/contacts/{contact}/erase",
    "contacts-export": "/contacts/export?segment={segment}",
    "imports": "/contacts/imports",
    "import": "/contacts/imports/{import}",
    "contact-merge": "/contacts/{contact}/merge?q={name}",
    "contact-merge-with": "/contacts/{contact}/merge/{other}",
    "fields": "/contacts/fields",
    "field-new": "/contacts/fields/new",
    "field": "/contacts/fields/{field}",
    "field-type": "/contacts/fields/{field}/type",
    "field-type-chosen": "/contacts/fields/{field}/type?to=number",
    "field-type-checked": "/contacts/fields/Birthday/type",
    "events": "/events",
    "event-types": "/events/types",
    "event-type": "/events/types/{type}",
    "event-type-new": "/events/types/new",
    "send-events": "/events/send",
    "campaign-message": "/campaigns/{campaign}/message",
    "campaign-message-sms": "/campaigns/{sms}/message",
    "campaign-message-push": "/campaigns/{push}/message",
    "campaign-preview": "/campaigns/{campaign}/preview?q={name}",
    "campaign-test": "/campaigns/{campaign}/test",
    "pictures": "/campaigns/pictures",
    "picture-delete": "/campaigns/pictures/{picture}/delete",
    "outbox": "/campaigns/outbox",
    "outbox-message": "/campaigns/outbox/{outbox}",
    "keys": "/settings/keys",
    "key-new": "/settings/keys/new",
    "key": "/settings/keys/{key}",
    "key-limits": "/settings/keys/{key}/edit",
    "key-replace": "/settings/keys/{key}/rotate",
    "websites": "/settings/websites",
    "website-new": "/settings/websites/new",
    "website": "/settings/websites/{website}",
    "website-edit": "/settings/websites/{website}/edit",
    "users": "/settings/users",
    "user-new": "/settings/users/new",
    "user": "/settings/users/{user}",
    "sending": "/settings/sending",
    "sending-sms": "/settings/sending/sms?adapter=gateway",
    "webhooks": "/settings/webhooks",
    "webhook-new": "/settings/webhooks/new",
    "webhook": "/settings/webhooks/{webhook}",
    "webhook-edit": "/settings/webhooks/{webhook}/edit",
    "webhook-secret": "/settings/webhooks/{webhook}/secret",
    "webhook-delivery": "/settings/webhooks/{webhook}/deliveries/{delivery}",
    "exports": "/settings/exports",
    "retention": "/settings/retention",
    "retention-of-moves": "/settings/retention/moves?months=3",
    "retention-of-type": "/settings/retention/{type}?months=3",
    "audit-log": "/settings/audit",
    "audit-log-nothing-found": "/settings/audit?q=zzz",
    "audit-retention": "/settings/audit/retention?months=3",
    "workspace": "/settings/workspace",
    "status": "/settings/status",
    "account": "/account",
    "help": "/docs/",
    "help-page": "/docs/conditions",
    "help-search": "/docs/search?q=segment+keys",
    "account-security": "/account/security",
    "account-second-factor": "/account/second-factor",
    "account-second-factor-off": "/account/second-factor/off",
    "account-recovery-codes": "/account/second-factor/codes",
    "account-sessions": "/account/sessions",
}
DRAFTS = {
    "builder-empty": "/segments/empty/builder",
    "builder-incomplete": "/segments/incomplete/builder",
    "builder-publish-incomplete": "/segments/incomplete/builder/publish",
    "builder-every-kind": "/segments/every-kind/builder",
    "builder-publish-every-kind": "/segments/every-kind/builder/publish",
    "builder-test-every-kind": "/segments/every-kind/builder/test?contact={contact}",
}
"""Of those that tests make (drafts.py)."""
SIGNING_IN = {
    "account-passkey": "/account/passkeys/{passkey}",
    "account-passkey-remove": "/account/passkeys/{passkey}/remove",
    "user-reset": "/settings/users/{locked}/reset",
    "user-locked": "/settings/users/{locked}",
}
"""Of somebody with a passkey, and of somebody who tried too often."""
RECIPIENTS = {
    "unsubscribe": "/m/u/{leaving}",
    "unsubscribe-choices": "/m/u/{leaving}/choices",
}
"""For those who got a message, by its token (campaigns/tracking/tokens.py)."""
PROBLEMS = {"not-found": "/nothing-here"}
"""The browser reports these as errors."""
ADMIN = {
    "admin": "/admin/",
    "admin-contacts": "/admin/contacts/contact/",
    "admin-segments": "/admin/segments/segment/",
    "admin-segment-new": "/admin/segments/segment/add/",
}


def addresses(known: Mapping[str, object]) -> dict[str, str]:
    """The pages about these objects."""
    return _filled(PAGES, known)


def draft_addresses(known: Mapping[str, object]) -> dict[str, str]:
    return _filled(DRAFTS, known)


def signing_in_addresses(known: Mapping[str, object]) -> dict[str, str]:
    return _filled(SIGNING_IN, known)


def recipient_addresses(known: Mapping[str, object]) -> dict[str, str]:
    return _filled(RECIPIENTS, known)


def _filled(pages: Mapping[str, str], known: Mapping[str, object]) -> dict[str, str]:
    return {name: path.format_map(known) for name, path in pages.items()}
