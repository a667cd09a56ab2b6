"""Django's own reports of errors, which only DEBUG=1 shows: without what people typed."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from segmentflow.logs.masking import PERSON_NAMES, PRIVATE_NAMES, mask


class MaskingReportFilter(SafeExceptionReporterFilter):
    hidden_settings = re.compile(
        rf"{PRIVATE_NAMES}|{PERSON_NAMES}|API|AUTH|KEY|PASS|SIGNATURE|URL|DATABASE|COOKIE|^sent$",
        re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        """Also with DEBUG: screens are shared, and pages are saved."""
        return True

    def cleanse_setting(self, key: str | int, value: Any) -> Any:
        cleansed = super().cleanse_setting(key, value)
        return mask(cleansed) if isinstance(cleansed, str) else cleansed

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        if request is None:
            return {}
        sent = request.POST.copy()
        for name in sent:
            sent[name] = self.cleansed_substitute
        return sent

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        return [
            (name, self._shown(name, value))
            for name, value in super().get_traceback_frame_variables(request, tb_frame)
        ]

    def _shown(self, name: str, value: Any) -> Any:
        if self.hidden_settings.search(str(name)):
            return self.cleansed_substitute
        try:
            return mask(repr(value))
        except Exception:  # noqa: BLE001 - whatever a value does when it is asked how it looks
            return "?"


class MaskingReporter(ExceptionReporter):
    """What an exception says of itself may have in it what was sent."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        for name in ("exception_value", "exception_notes", "request_insecure_uri"):
            if data.get(name):
                data[name] = mask(str(data[name]))
        if "request_GET_items" in data:
            cleanse = self.filter.cleanse_setting
            data["request_GET_items"] = [
                (name, cleanse(name, value)) for name, value in data["request_GET_items"]
            ]
        return data
