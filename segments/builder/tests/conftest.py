"""Who builds segments, and what there is to build them from."""

from __future__ import annotations

import pytest

from contacts.models import Field
from events.models import EventType
from segmentflow.roles import MARKETERS
from segments.tests.made import make_user


@pytest.fixture
def marketer(client):
    """Signed in; may do everything with segments."""
    user = make_user(MARKETERS, name="mia")
    client.force_login(user)
    return user


@pytest.fixture
def words(db):
    """A field of each type, and two types of events."""
    for type_ in ("text", "number", "boolean", "date", "datetime", "list"):
        Field.objects.create(key=f"a_{type_}", label=f"A {type_}", type=type_)
    known = {"amount": {"types": {"number": 9}, "samples": ["12.5"]}}
    known |= {"category": {"types": {"text": 9}, "samples": ["shoes"]}}
    EventType.objects.create(key="Purchase", value_attribute="amount", attributes=known)
    EventType.objects.create(key="Page_visit")
