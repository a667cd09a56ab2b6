"""What the pages of several apps in the administration share."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from django.contrib.admin.options import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest

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


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg] # no generic at run time
    """For what is written elsewhere: by services, or by the engine alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
