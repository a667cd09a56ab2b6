"""What tests of imports have in common."""

from __future__ import annotations

import csv
import io

from django.urls import reverse

from contacts.imports.running import advance_imports
from contacts.tests.made import NOW


def settle(one):
    """All that the cluster would do."""
    while advance_imports(now=NOW):
        pass
    one.refresh_from_db()


def counts(one):
    return one.created, one.updated, one.refused


def refused(client, one):
    response = client.get(reverse("import_refused", args=[one.pk]))
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))
