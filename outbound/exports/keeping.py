"""How much of the past stays: so many files in the folder, and a log of some length."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.db import transaction

from outbound.exports.models import Export, ExportRun
from outbound.exports.places import remove

LOGGED: Final = 500
"""Runs of each export at least."""


def forget_old(export: Export) -> None:
    """Files that are too many go once this is committed; one that was written anew under its name stays."""
    with_file = export.runs.exclude(file="").order_by("-pk")
    kept = set(with_file.values_list("file", flat=True)[: export.keeps])
    old = dict(with_file.values_list("pk", "file")[export.keeps :])
    ExportRun.objects.filter(pk__in=old).update(file="")
    for file in {*old.values()} - kept:
        transaction.on_commit(partial(remove, file))
    logged = export.runs.order_by("-pk").values_list("pk", flat=True)
    if oldest := logged[max(LOGGED, export.keeps) - 1 :][:1]:
        export.runs.filter(pk__lt=oldest[0]).exclude(state__in=ExportRun.OPEN).delete()
