"""Forms of the administration that save through services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction

from contacts.problems import Conflict, Problem, Refused


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    """Tries in `clean` what will be done on saving, so that every refusal is shown there."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.attempt()
        return cleaned

    def attempt(self) -> None:
        """What it refuses becomes errors; nothing is kept."""
        try:
            with transaction.atomic():
                self.apply()
                transaction.set_rollback(True)
        except Refused as refused:
            for problem in refused.problems:
                self.add_problem(problem)
        except Conflict as conflict:
            if self.instance.pk:  # a key that is taken is said by the form itself
                self.add_error(
                    "archived" if "archived" in self.changed_data else None, str(conflict)
                )

    def apply(self) -> Any:
        """Call the service; the object as it is stored then."""
        raise NotImplementedError

    def add_problem(self, problem: Problem) -> None:
        """At the field that the path begins with, `choices` for `choices[3]`."""
        name = problem.path.partition("[")[0].partition(".")[0]
        said = problem.message if problem.path == name else f"{problem.path}: {problem.message}"
        self.add_error(name if name in self.fields else None, said)


def save_applied(form: ServiceForm, instance: Any) -> None:
    """For `ModelAdmin.save_model`: store by the service, and show what it stored."""
    instance.pk = form.apply().pk
    instance._state.adding = False
    instance.refresh_from_db()
