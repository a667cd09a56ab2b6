"""Which contacts a list, a file or an action is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from contacts.models import Contact
from contacts.narrowing import Filtered, narrowers
from contacts.search import contacts_found


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts that meet all of it."""

    words: str = ""
    by: Mapping[str, str] = field(default_factory=dict)
    """What narrowers know, by parameter."""
    filtered: Filtered | None = None
    ids: Sequence[int] | None = None
    """These alone; None for whoever meets the rest."""

    @property
    def is_everybody(self) -> bool:
        return not (self.words or self.by or self.filtered) and self.ids is None

    def contacts(self) -> QuerySet[Contact]:
        found = narrowed(contacts_found(self.words), self.by)
        if self.ids is not None:
            found = found.filter(pk__in=self.ids)
        if self.filtered is None:
            return found
        if self.filtered.holds is None:
            return found.none()
        return found.filter(self.filtered.holds)


def narrowed(found: QuerySet[Contact], by: Mapping[str, str]) -> QuerySet[Contact]:
    for parameter, narrower in narrowers().items():
        if parameter in by:
            found = found.filter(pk__in=narrower(by[parameter]))
    return found
