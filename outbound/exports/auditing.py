"""What the audit log is told about exports: never the address with what may be secret in it."""

from __future__ import annotations

from typing import Any, Final

from outbound.exports.models import Export
from segmentflow.audit.recording import record

FACTS: Final = (
    *("name", "kind", "is_gzip", "schedule", "at", "weekdays", "columns"),
    *("place", "folder", "pattern", "keeps", "method"),
)


def facts_of(export: Export) -> dict[str, Any]:
    return {name: getattr(export, name) for name in FACTS} | {"address": export.sealed}


def note(action: str, export: Export, **more: Any) -> None:
    record(action=action, kind="export", key=export.pk, name=export.name, **more)
