"""What can be put into a message about its contact: fields, and the event that started it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from campaigns.models import Campaign
from contacts.built_in import CREATED_AT, SHOWN
from contacts.models import Field, FieldTypes
from events.models import EventType
from segments.models import SegmentUse

MOST_ATTRIBUTES: Final = 60
USUAL: Final = {"first_name": "there"}
"""What stands for a value that is missing, where there is a usual word."""
DATES: Final = (FieldTypes.DATE, FieldTypes.DATETIME)
EMAIL_LINKS: Final = (("unsubscribe_url", "Where people unsubscribe"),)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Insert(NamedTuple):
    label: str
    liquid: str


class Inserts(NamedTuple):
    title: str
    entries: list[Insert]


def inserts_for(campaign: Campaign) -> list[Inserts]:
    """In groups, those used most first."""
    built_in = [Insert(field.label, _of_contact(field.key, field.type)) for field in SHOWN]
    built_in.append(Insert(CREATED_AT.label, _of_contact(CREATED_AT.key, CREATED_AT.type)))
    built_in.sort(key=lambda one: "first_name" not in one.liquid)
    own = [
        Insert(str(field), _of_contact(field.key, field.type))
        for field in Field.objects.filter(archived_at=None)
    ]
    groups = [Inserts("Contact", built_in), Inserts("Your fields", own)]
    if campaign.kind == Campaign.Kind.ENTERING:
        groups += [_of_event(one) for one in _types_of_trigger(campaign)]
    if campaign.channel == "email":
        links = [Insert(label, f"{{{{ {name} }}}}") for name, label in EMAIL_LINKS]
        groups.append(Inserts("Links", links))
    return [group for group in groups if group.entries]


def _of_contact(key: str, type_: str) -> str:
    return _liquid(f"contact.{key}", type_, USUAL.get(key, ""))


def _liquid(path: str, type_: str, usual: str = "") -> str:
    filters = ' | date: "%d %B %Y"' if type_ in DATES else ""
    filters += ' | join: ", "' if type_ == FieldTypes.LIST else ""
    filters += f' | default: "{usual}"' if usual else ""
    return f"{{{{ {path}{filters} }}}}"


def _types_of_trigger(campaign: Campaign) -> list[EventType]:
    """Whose events may bring somebody into the segments that the campaign is for."""
    versions = campaign.targets.filter(excludes=False).values("segment__live_version")
    used = SegmentUse.objects.filter(version__in=versions, kind=SegmentUse.Kind.EVENT)
    return list(EventType.objects.filter(key__in=used.values("ref"), archived_at=None))


def _of_event(type_: EventType) -> Inserts:
    entries = [
        Insert(path, _liquid(_below_event(path), _type_of(known)))
        for path, known in sorted(type_.attributes.items())[:MOST_ATTRIBUTES]
    ]
    return Inserts(f"Event: {type_}", entries)


def _below_event(path: str) -> str:
    steps = path.split(".")
    return "event" + "".join(
        f".{step}" if _NAME.fullmatch(step) else f"[{_quoted(step)}]" for step in steps
    )


def _quoted(step: str) -> str:
    return f"'{step}'" if '"' in step else f'"{step}"'


def _type_of(known: dict[str, dict[str, int]]) -> str:
    """The one that is seen most."""
    types = known.get("types") or {}
    return max(types, key=lambda name: types[name]) if types else ""
