"""What other apps show on the page about a contact, without being imported here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import Contact
from segmentflow.models import User

Read = Callable[[Contact, Mapping[str, str], datetime], Mapping[str, Any]]
"""From the contact, the parameters of the request and now to what the template shows."""


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    """Its id on the page."""
    template: str
    """Gets `contact` and, as `panel`, what was read; draws one element with the id."""
    read: Read
    needs: tuple[str, ...]
    """Permissions."""
    losses: Callable[[Contact], Sequence[str]]
    """What of it goes when the contact is erased, in words."""
    styles: str = ""
    """Its style sheet, as `static` names it."""
    is_main: bool = False
    """In the wide column, which holds what is long."""

    @property
    def target(self) -> str:
        return f"#{self.name}"


_panels: list[Panel] = []


def on_profile(panel: Panel) -> None:
    """Show `panel` to those who may see it."""
    if panel not in _panels:
        _panels.append(panel)


def panels_for(user: User) -> list[Panel]:
    return [panel for panel in _panels if user.has_perms(panel.needs)]


def losses(contact: Contact) -> list[str]:
    """What goes with the contact, whoever asks: nobody should erase what they were not told of."""
    return [loss for panel in _panels for loss in panel.losses(contact)]
