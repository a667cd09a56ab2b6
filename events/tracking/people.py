"""Who the messages are about: contacts with their traits, and anonymous ids that got a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from contacts.guessing import define_missing_fields
from contacts.identities import IdentityKey, find_owners
from contacts.merging import merge_contacts
from contacts.models import Contact, Field
from contacts.problems import Conflict, Problem
from contacts.rows import ANONYMOUS_ID, ContactRow
from contacts.services import upsert_contacts
from contacts.values import wrong_value
from events.tracking.messages import Message
from events.tracking.traits import Values, as_type, read_traits

MOST_FIELDS: Final = 1_000
"""Beyond so many, traits define no more of them."""
ROUNDS: Final = 6
GROUP: Final = "group"

Note = Callable[[Message, Problem], None]
Pair = tuple[str, str]
"""An anonymous id and the user id that it was sent with."""


def store_people(
    messages: Sequence[Message],
    *,
    now: datetime,
    note: Note,
    only_fields: Collection[str] | None = None,
) -> None:
    """Create, change and merge the contacts of the messages; `note` gets what does not fit.

    With `only_fields`, anybody may have sent them: see events/tracking/pages.py.
    """
    pairs = {(one.anonymous_id, one.user_id) for one in messages} & _unlinked(messages)
    told = [(one, values) for one in messages if (values := _values(one)) is not None]
    is_unproven = only_fields is not None
    if only_fields is None:
        types = _types([values for _, values in told])
    else:
        types = dict(Field.objects.filter(key__in=only_fields).values_list("key", "type"))
    rows: list[tuple[Message, ContactRow]] = []
    for message, values in told:
        unknown = "not_from_pages" if is_unproven else "too_many_fields"
        for problem in [*values.problems, *_fit(values, types, unknown)]:
            note(message, problem)
        rows.append((message, _row(message, values, pairs)))
    known = {(row.anonymous_id, row.built_in.get("external_id", "")) for _, row in rows}
    rows += [
        (one, _row(one, Values(), pairs))
        for pair, one in {(one.anonymous_id, one.user_id): one for one in messages}.items()
        if pair in pairs - known
    ]
    if is_unproven:
        rows = [(one, replace(row, is_unproven=True)) for one, row in rows]
    _upsert(rows, now=now, note=note)
    for anonymous_id, user_id in sorted(pairs):
        _unite(user_id, [(ANONYMOUS_ID, anonymous_id)], now=now, is_unproven=is_unproven)
    for message in messages:
        if message.kind == "alias":
            _alias(message, now=now)


def _unlinked(messages: Iterable[Message]) -> set[Pair]:
    """The pairs that are to be one contact and are not yet.

    An anonymous id that is a named user's already stays theirs: two people share a browser.
    """
    pairs = {(one.anonymous_id, one.user_id) for one in messages}
    pairs = {pair for pair in pairs if all(pair)}
    names = {pair: ((ANONYMOUS_ID, pair[0]), ("external_id", pair[1])) for pair in pairs}
    owners = find_owners(key for keys in names.values() for key in keys)
    named = Contact.objects.filter(pk__in=set(owners.values())).exclude(external_id="")
    taken = set(named.values_list("pk", flat=True))
    return {
        pair
        for pair, (one, other) in names.items()
        if one not in owners or (owners[one] != owners.get(other) and owners[one] not in taken)
    }


def _values(message: Message) -> Values | None:
    """What the message says about its contact; None when it says nothing."""
    values = read_traits(message.traits)
    if message.kind == "group":
        of_group = read_traits(message.group_traits, prefix=GROUP)
        values.problems += of_group.problems
        values.attributes |= of_group.attributes
        if message.group_id:
            values.attributes["group_id"] = message.group_id
    says = values.built_in or values.attributes or values.problems
    return values if says or message.kind in ("identify", "group", "alias") else None


def _types(told: Sequence[Values]) -> dict[str, str]:
    """The types of all fields; those that nobody has defined are defined by their values."""
    types = dict(Field.objects.values_list("key", "type"))
    sent = {key for values in told for key, value in values.attributes.items() if value is not None}
    if not sent - types.keys() or len(types) >= MOST_FIELDS:
        return types
    new = set(sorted(sent - types.keys())[: MOST_FIELDS - len(types)])
    fitting = [
        {"attributes": {key: _listed(value) for key, value in one.attributes.items() if key in new}}
        for one in told
    ]
    define_missing_fields(fitting)
    return dict(Field.objects.values_list("key", "type"))


def _listed(value: Any) -> Any:
    """A list is one of texts for us, so that numbers in it do not make it a text."""
    return as_type(value, "list") if isinstance(value, list) else value


def _fit(values: Values, types: Mapping[str, str], unknown: str) -> Iterator[Problem]:
    """Leaves only what the fields take, and says what that takes away."""
    for key, value in list(values.attributes.items()):
        type_ = types.get(key)
        fitting = value if type_ is None else as_type(value, type_)
        values.attributes[key] = fitting
        if type_ is None:
            if value is not None:
                yield Problem(key, unknown, "")
            del values.attributes[key]
        elif fitting is not None and wrong_value(fitting, type_):
            yield Problem(key, "wrong_type", "")
            del values.attributes[key]


def _row(message: Message, values: Values, pairs: set[Pair]) -> ContactRow:
    named = {"external_id": message.user_id} if message.user_id else {}
    is_new = not message.user_id or (message.anonymous_id, message.user_id) in pairs
    return ContactRow(
        built_in={**named, **values.built_in},
        attributes=values.attributes,
        anonymous_id=message.anonymous_id if is_new else "",
    )


def _upsert(rows: Sequence[tuple[Message, ContactRow]], *, now: datetime, note: Note) -> None:
    """Each without what belongs to another contact; all again then, to keep their order."""
    for _ in range(ROUNDS):
        if not rows:
            return
        errors = upsert_contacts(rows=[row for _, row in rows], now=now).errors
        if not errors:
            return
        rows = [
            (message, _without(message, row, errors.get(index, ()), note))
            for index, (message, row) in enumerate(rows)
        ]
    raise Conflict("Others change the same contacts all the time.")


def _without(
    message: Message, row: ContactRow, problems: Iterable[Problem], note: Note
) -> ContactRow:
    for problem in problems:
        path = problem.path.removeprefix("attributes.")
        if path == ANONYMOUS_ID and message.user_id:
            row = replace(row, anonymous_id="")  # and it is united with its contact afterwards
            continue
        # Somebody who has no name yet does not get into the contact whose email they typed.
        gone = {"email", "phone"} if path == ANONYMOUS_ID else {path}
        for key in gone & {*row.built_in, *row.attributes}:
            note(message, Problem(key, problem.code, ""))
        row = replace(
            row,
            built_in={key: value for key, value in row.built_in.items() if key not in gone},
            attributes={key: value for key, value in row.attributes.items() if key not in gone},
        )
    return row


def _alias(message: Message, *, now: datetime) -> None:
    """What was known by the previous id is the user's; it may have been a user's or anonymous."""
    previous: list[IdentityKey] = [
        ("external_id", message.previous_id),
        (ANONYMOUS_ID, message.previous_id),
    ]
    row = ContactRow(built_in={"external_id": message.user_id}, anonymous_id=message.previous_id)
    for _ in range(ROUNDS):
        if _unite(message.user_id, previous, now=now):
            return
        upsert_contacts(rows=[row], now=now)


def _unite(
    user_id: str, others: Sequence[IdentityKey], *, now: datetime, is_unproven: bool = False
) -> bool:
    """Merge whoever has the first of the other names into the user; False when nobody has one."""
    name = ("external_id", user_id)
    for _ in range(ROUNDS):
        owners = find_owners([name, *others])
        by = next((other for other in others if other in owners), None)
        if by is None or name not in owners:
            return by is not None
        if owners[by] == owners[name]:
            return True
        is_anonymous = by[0] == ANONYMOUS_ID
        try:
            merge_contacts(
                keep=owners[name],
                lose=owners[by],
                now=now,
                only_nameless=is_anonymous,
                is_unproven=is_unproven,
            )
        except Conflict:
            if is_anonymous and find_owners([by, name]) == {k: owners[k] for k in (by, name)}:
                return True  # a named user's
    raise Conflict("Others change the same contacts all the time.")
