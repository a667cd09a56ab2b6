"""The world of the site's tests with something hostile wherever somebody's text is kept."""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

APPS: Final = ("campaigns", "contacts", "events", "outbound", "segmentflow", "segments")
NOT_TEXTS: Final = frozenset(
    {
        # Written by the program alone, in words or signs of its own.
        *("adapter", "applied_zone", "becoming", "bucket", "code", "encoding", "file", "fields"),
        *("folder", "format", "func", "hash", "key", "kind", "lock", "password", "payload"),
        *("prefix", "reason", "scopes", "secret", "separator", "state", "status", "style"),
        *("time_zone", "timezone", "token", "type", "uid", "sheet", "content_type", "columns"),
        *("found_by", "ref", "provider_id", "digest", "origin", "session_key", "data"),
        *("FieldChange.before", "FieldChange.after", "session_data", "how"),
    }
)
TEXTS_IN_JSON: Final = frozenset(
    {
        *("text", "subject", "preheader", "label", "alt", "name", "title", "body", "before"),
        *("after", "why", "author", "description", "value", "category", "city", "words"),
        *("Status_VIP", "samples", "error", "detail"),
    }
)


def spoil(text: str) -> list[str]:
    """Put it in the place of every text; answers where it now stands."""
    done = []
    for model in apps.get_models():
        if model._meta.app_label not in APPS or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            if _spoil_field(model, field, text):
                done.append(f"{model._meta.label}.{field.name}")
    return done


def _spoil_field(model: type[models.Model], field: models.Field[Any, Any], text: str) -> bool:
    if isinstance(field, models.JSONField):
        return _spoil_json(model, field.name, text)
    name = f"{model.__name__}.{field.name}"
    if field.name in NOT_TEXTS or name in NOT_TEXTS or field.choices or field.primary_key:
        return False
    rows = model._default_manager.all()
    if isinstance(field, ArrayField):
        return _update(rows, {field.name: [text[: field.base_field.max_length]]})
    if not isinstance(field, models.CharField | models.TextField):
        return False
    return _update(rows, {field.name: text[: field.max_length or 10_000]})


def _update(rows: models.QuerySet[Any], values: dict[str, Any]) -> bool:
    """False where rows have to differ, may not change, or are none."""
    try:
        with transaction.atomic():
            changed = rows.update(**values)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return bool(changed)
    except Exception:  # noqa: BLE001 - of one column; what could be spoiled is told
        return False


def _spoil_json(model: type[models.Model], name: str, text: str) -> bool:
    changed = False
    for row in model._default_manager.all()[:50]:
        before = getattr(row, name)
        after = _spoiled(before, text)
        if after != before:
            changed |= _update(model._default_manager.filter(pk=row.pk), {name: after})
    return changed


def _spoiled(value: Any, text: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _spoiled(one, text, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_spoiled(one, text, key) for one in value]
    return text if isinstance(value, str) and key in TEXTS_IN_JSON else value
