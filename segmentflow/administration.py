"""What the pages of several apps in the administration share."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Final

from django.contrib.admin.options import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest

from segmentflow.audit.recording import record

MOST_COUNTED: Final = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg] # no generic at run time
    """Counts no further than 10,000: counting everybody takes longer than finding one."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self._counted > MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_COUNTED + 1].count())


class RecordedAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    """For what the administration stores by itself: services tell the audit log what they do."""

    recorded_as: ClassVar[str] = "row"
    """The kind of the log."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._note("created", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        self._note("changed", obj, said=entry.get_change_message().rstrip("."))
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._note("deleted", obj)
        return super().log_deletions(request, queryset)

    def _note(self, action: str, obj: Any, *, said: str = "") -> None:
        name = str(obj)
        if self.recorded_as == "row":
            name = f"{self.opts.verbose_name} {name}"
        record(action=action, kind=self.recorded_as, key=obj.pk, name=name, said=said)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    """For what is written elsewhere: by services, or by the engine alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
