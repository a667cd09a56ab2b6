"""Contacts as they are sent: their shape, checked before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from contacts.decisions import Decision, decisions_of, wrong_decisions
from contacts.problems import Problem, quoted
from contacts.values import is_storable, named, wrong_text

IDENTITIES: Final = ("external_id", "email", "phone")
"""In the order in which a contact is looked for."""
ANONYMOUS_ID: Final = "anonymous_id"
BUILT_IN: Final = (
    *IDENTITIES,
    "first_name",
    "last_name",
    "city",
    "country",
    "language",
    "timezone",
    "preferred_channel",
)
LONGEST_IDENTITY: Final = 255
LONGEST_BUILT_IN: Final = 1_000
LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ContactRow:
    """What is known about one contact; only what was sent changes."""

    id: int | None = None
    built_in: Mapping[str, str] = field(default_factory=dict)
    """The empty text removes a value."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """By the key of a field; None removes a value."""
    anonymous_id: str = ""
    """One more by which the contact is known from now on, and the last by which it is found."""
    found_by: str = ""
    """Look for the contact by this identity alone, and let the row change the others."""
    consents: tuple[Decision, ...] = ()
    is_unproven: bool = False
    """Sent by somebody who may be anybody, as from a web page: an email or phone finds nobody,
    and what a contact with an external id has stays as it is."""


def read_contact(raw: object, *, source: str = "API") -> ContactRow | list[Problem]:
    """A contact as JSON gives it, or everything that is wrong with its shape.

    `source`: who tells of the consents that do not say it themselves.
    """
    if not isinstance(raw, dict):
        return [Problem("", "wrong_type", f"A contact is an object, not {named(raw)}.")]
    problems = list(_problems(raw))
    if problems:
        return problems
    return ContactRow(
        id=raw.get("id"),
        built_in={key: raw[key] or "" for key in BUILT_IN if key in raw},
        attributes=raw.get("attributes") or {},
        consents=decisions_of(raw.get("consents") or {}, source=source),
    )


def _problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in raw.items():
        if key == "id":
            yield from _wrong_id(value)
        elif key == "attributes":
            yield from _wrong_attributes(value)
        elif key == "consents":
            yield from wrong_decisions(value)
        elif key not in BUILT_IN:
            said = f"A contact has no {quoted(key)}; additional fields belong in “attributes”."
            yield Problem(quoted(key)[1:-1], "unknown_key", said)
        elif value is not None and (wrong := wrong_built_in(key, value)):
            yield Problem(key, "wrong_type", wrong)


def is_short_text(value: object) -> bool:
    """What nearly all values are, and every built-in field takes."""
    return type(value) is str and len(value) <= LONGEST_IDENTITY and value.isprintable()


def wrong_built_in(key: str, value: object) -> str | None:
    return wrong_text(value, LONGEST_IDENTITY if key in IDENTITIES else LONGEST_BUILT_IN)


def is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _wrong_id(value: object) -> Iterator[Problem]:
    if value is not None and not is_id(value):
        yield Problem("id", "wrong_type", "An id is a whole number, as it was given to you.")


def _wrong_attributes(value: object) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, dict):
        said = f"“attributes” is an object, not {named(value)}."
        yield Problem("attributes", "wrong_type", said)
    elif not all(map(is_storable, value)):
        yield Problem("attributes", "unknown_field", "A key holds a character that no text has.")
