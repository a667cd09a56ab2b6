"""The end of a rebuild, while contacts go on changing."""

from __future__ import annotations

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connections

from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segments import services
from segments.engine import lane, refresh
from segments.engine.check import check
from segments.engine.settle import settle
from segments.tests.made import GOLD, NOW, make_field, make_segment

RED = {
    "kind": "group",
    "match": "all",
    "children": [{"kind": "field", "field": "colour", "operator": "equals", "value": "Red"}],
}


def change(**attributes):
    upsert_contacts(
        rows=[ContactRow(built_in={"external_id": "anna"}, attributes=attributes)], now=NOW
    )


def in_thread(work):
    def whole():
        work()
        connections.close_all()

    thread = Thread(target=whole)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_swap_waits_for_whoever_changed_what_only_the_new_definition_asks_for(monkeypatch):
    make_field("tier")
    make_field("colour")
    change(tier="Gold")
    segment = make_segment(definition=GOLD)
    settle(now=NOW)
    services.update_segment(segment=segment, definition=RED, author=None, now=NOW)
    lane.advance_rebuilds(now=NOW)  # nobody is red yet
    change(colour="Red")
    has_touched, go_on = Signal(), Signal()

    def end_later(*_):
        has_touched.set()
        assert go_on.wait(10)

    monkeypatch.setattr(refresh, "_touch_moved", end_later)

    late = in_thread(lambda: refresh.refresh_pending(now=NOW))
    assert has_touched.wait(10)
    swap = in_thread(lambda: lane.advance_rebuilds(now=NOW))
    swap.join(0.5)  # long enough for one that does not wait
    go_on.set()
    late.join()
    swap.join()

    assert check(now=NOW) == []
