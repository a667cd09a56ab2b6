"""Segments follow events that are kept no longer, in both directions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.erasing import advance_erasing
from events.keeping import keep_for
from events.models import Event, EventType
from events.tests.made import record
from segments.conditions.catalog import Labels
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Transition
from segments.tests.language import definition, event, last, occurrence, sequence
from segments.tests.made import NOW, make_segment
from segments.words import why
from tests.worlds import stored_members

pytestmark = pytest.mark.django_db

OLD, NEW = NOW - timedelta(days=200), NOW - timedelta(days=5)

DEFINITIONS = {
    "bought": definition(event(operator="at_least", value=1)),
    "twice": definition(event(operator="at_least", value=2)),
    "never": definition(event(operator="at_most", value=0)),
    "lately": definition(event(operator="at_least", value=1, window=last(1, "month"))),
    "first-small": definition(
        occurrence(
            which="first",
            check=definition(
                {
                    "kind": "attribute",
                    "attribute": "amount",
                    "type": "number",
                    "operator": "less_than",
                    "value": 10,
                }
            ),
        )
    ),
    "and-opened": definition(sequence({"event": "Purchase"}, {"event": "MailOpen"})),
    "not-bought": definition(event(operator="at_least", value=1), match="none"),
}


def test_everybody_is_where_they_would_be_had_the_events_never_been_there():
    for key in ("Purchase", "MailOpen"):
        EventType.objects.create(key=key)
    record("a-old", contact="anna", at=OLD, amount=5)
    record("b-old", contact="ben", at=OLD, amount=5)
    record("b-new", contact="ben", at=NEW, amount=50)
    record("c-old", contact="cleo", at=OLD, amount=5)
    record("c-open", contact="cleo", at=NEW, type_="MailOpen")
    record("d-open", contact="dora", at=NEW, type_="MailOpen")
    for key, wanted in DEFINITIONS.items():
        make_segment(key, wanted)
    settle(now=NOW)
    ids = dict(Event.objects.values_list("message_id", "contact_id"))
    anna, ben, cleo, dora = (ids[name] for name in ("a-old", "b-new", "c-open", "d-open"))
    assert stored_members()["bought"] == {anna, ben, cleo}

    keep_for(event_type=EventType.objects.get(key="Purchase"), months=3)
    while advance_erasing(now=NOW):
        pass
    settle(now=NOW)

    assert stored_members() == {
        "bought": {ben},
        "twice": set(),
        "never": {anna, cleo, dora},
        "lately": {ben},
        "first-small": set(),
        "and-opened": set(),
        "not-bought": {anna, cleo, dora},
    }
    assert check(now=NOW) == []
    left = Transition.objects.get(segment__key="bought", contact_id=anna, entered=False)
    assert left.cause == {"kind": "erased", "type": "Purchase"}
    assert why(left.cause, Labels()) == "Old events of Purchase were erased"
