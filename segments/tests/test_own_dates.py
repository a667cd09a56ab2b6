"""Times compared with the contact's own date, which is a whole local day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contacts.models import Contact
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.preview import preview
from segments.tests.language import definition, field
from segments.tests.made import make_field

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

FIRST, LAST = "2026-06-29T22:00:00Z", "2026-06-30T21:59:59Z"  # of 30 June in Warsaw
EARLIER, LATER = "2026-06-29T21:59:59Z", "2026-06-30T22:00:00Z"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operator", "expected"),
    [("on", {FIRST, LAST}), ("before", {EARLIER}), ("after", {LATER})],
)
def test_a_time_is_compared_with_the_whole_own_day(settings, operator, expected):
    settings.TIME_ZONE = "Europe/Warsaw"
    make_field("seen", "datetime")
    make_field("renewal", "date")
    for seen in (EARLIER, FIRST, LAST, LATER):
        attributes = {"seen": seen, "renewal": "2026-06-30"}
        Contact.objects.create(external_id=seen, attributes=attributes)
    Contact.objects.create(external_id="no own day", attributes={"seen": FIRST})
    given = definition(field("seen", operator, {"field": "renewal"}))

    found = preview(parse(given, current_catalog()), now=NOW, sample=10)

    members = Contact.objects.filter(pk__in=found.contact_ids)
    assert {contact.external_id for contact in members} == expected
