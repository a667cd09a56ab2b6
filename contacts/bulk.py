"""What can be done with several contacts at once; other apps register theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contacts.erasure import erase_contacts
from segmentflow.models import User

ERASED_AT_ONCE: Final = 100
"""In one transaction, which holds their buckets meanwhile."""
MOST_ERASED: Final = 1_000

Perform = Callable[[Sequence[int], str, datetime], str]
"""With these contacts and what was chosen; answers what was done, in words.

What was chosen is not one of the choices any more: raises Refused or Conflict."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    key: str
    label: str
    """Of the button that begins it."""
    icon: str
    title: str
    """With “{contacts}” for how many contacts."""
    button: str
    """Of the button that does it."""
    needs: tuple[str, ...]
    most: int
    """Contacts in one go: what is more takes longer than somebody waits for a page."""
    perform: Perform
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None
    """Values and labels of which one has to be chosen."""
    choice_label: str = ""
    create: Callable[[str, User, datetime], str] | None = None
    """Makes a new choice of a name, and answers its value; raises Refused or Conflict."""
    consequences: tuple[str, ...] = ()
    instead: str = ""
    """What to do when there are too many."""
    is_final: bool = False
    """It cannot be undone."""


def in_bites(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _erase(ids: Sequence[int], choice: str, now: datetime) -> str:
    done = sum(erase_contacts(contact_ids=bite) for bite in in_bites(ids, ERASED_AT_ONCE))
    who = "contact was" if done == 1 else "contacts were"
    return f"{done:,} {who} erased, with everything known about them."


ERASE: Final = BulkAction(
    key="erase",
    label="Erase",
    icon="trash",
    title="Erase {contacts}",
    button="Erase {contacts}",
    needs=("contacts.delete_contact",),
    most=MOST_ERASED,
    perform=_erase,
    consequences=(
        "Names, emails and other identities, and the values of all fields",
        "All their events",
        "Their places in segments, and what was recorded about entering and leaving",
        "This cannot be undone.",
    ),
    instead="Narrow the list, and erase them in several steps.",
    is_final=True,
)
_actions: dict[str, BulkAction] = {ERASE.key: ERASE}


def on_bulk(action: BulkAction) -> None:
    """Offer it for several contacts; what cannot be undone stays last."""
    _actions.pop(ERASE.key, None)
    _actions[action.key] = action
    _actions[ERASE.key] = ERASE


def actions_for(person: User) -> list[BulkAction]:
    return [action for action in _actions.values() if person.has_perms(action.needs)]
