"""The five scenarios of the trade, from an empty canvas to a segment with the right members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from segmentflow import clock
from segmentflow.models import User
from segments.catalog import current_catalog
from segments.conditions.parse import parse
from segments.engine.settle import settle
from segments.models import Segment
from tests import worlds
from tests.browser.building import DESKTOP, PHONE, Builder, sign_in
from tests.browser.hands import Hand, WithFinger, WithKeys, WithMouse
from tests.cases import CASES, WORLDS
from tests.test_cases import feed_at_once, register

pytestmark = pytest.mark.django_db(transaction=True)

WORLD = WORLDS[0]
HANDS: dict[str, Callable[[Builder], Hand]] = {
    "mouse": WithMouse,
    "keyboard": WithKeys,
    "phone": WithFinger,
}


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six months and ninety days have ends, so the server's time is that of the case."""
    monkeypatch.setattr(clock, "timezone", SimpleNamespace(now=lambda: WORLD.now))
    with override_settings(TIME_ZONE=WORLD.zone):
        register(WORLD)
        feed_at_once(WORLD)
        settle(now=WORLD.now)
        yield


@pytest.fixture(params=HANDS)
def hand(
    request: pytest.FixtureRequest, new_page: Any, live_server: Any, ada: User, world: None
) -> Hand:
    page = new_page(**(PHONE if request.param == "phone" else DESKTOP))
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/segments/-new")
    return HANDS[request.param](Builder(page))


def inactive_vips(hand: Hand) -> None:
    control = hand.builder.control
    status = hand.add("field:Status_VIP")
    hand.enter(control(status, "value+"), "Gold")
    hand.enter(control(status, "value+"), "Platinum")
    spent = hand.add("field:Purchase_value_12m")
    hand.choose(control(spent, "operator"), "is more than")
    hand.enter(control(spent, "value"), "2000")
    last = hand.add("occurrence")
    hand.choose(control(last, "event"), "Purchase")


def sms_activation(hand: Hand) -> None:
    control = hand.builder.control
    hand.add("field:Loyalty_program")
    bought = hand.add("event:Purchase")
    hand.choose(control(bought, "operator"), "at least")
    hand.enter(control(bought, "value"), "3")
    hand.choose(control(bought, "window.kind"), "in the last")
    hand.enter(control(bought, "window.amount"), "6")
    hand.choose(control(bought, "window.unit"), "months")
    without = hand.add("group")
    hand.enter(hand.builder.head(without).locator('[name="name"]'), "No SMS consent")
    for operator in ("is false", "is not set"):
        consent = hand.add("field:SMS_consent", without)
        hand.choose(control(consent, "operator"), operator)


def product_cross_sell(hand: Hand) -> None:
    control = hand.builder.control
    has = hand.add("field:Product_type")
    hand.enter(control(has, "value+"), "personal account")
    opened = hand.add("field:Account_opening_date")
    hand.choose(control(opened, "operator"), "is longer ago than")
    hand.enter(control(opened, "value.amount"), "6")
    hand.choose(control(opened, "value.unit"), "months")
    has_not = hand.add("field:Product_type")
    hand.choose(control(has_not, "operator"), "contains none of")
    hand.enter(control(has_not, "value+"), "credit card")
    paid = hand.add("event:Transaction")
    hand.choose(control(paid, "operator"), "not performed")
    where(hand, paid, "category", "is", "credit card")
    opened_mail = hand.add("event:MailOpen")
    hand.choose(control(opened_mail, "window.kind"), "in the last")
    where(hand, opened_mail, "topic", "contains", "banking offers")


def last_minute_travel(hand: Hand) -> None:
    control = hand.builder.control
    for event, attribute, value in (
        ("Page_visit", "Destination", "Spain"),
        ("MailOpen", "topic", "travel"),
    ):
        done = hand.add(f"event:{event}")
        hand.choose(control(done, "window.kind"), "in the last")
        hand.enter(control(done, "window.amount"), "10")
        where(hand, done, attribute, "is", value)
    without = hand.add("group")
    hand.match(without, "all")
    hand.enter(hand.builder.head(without).locator('[name="name"]'), "No booking")
    booked = hand.add("event:Booking", without)
    hand.choose(control(booked, "operator"), "not performed")


def preventive_care(hand: Hand) -> None:
    control = hand.builder.control
    seen = hand.add("field:Last_visit_date")
    hand.choose(control(seen, "operator"), "is longer ago than")
    hand.enter(control(seen, "value.amount"), "6")
    hand.choose(control(seen, "value.unit"), "months")
    hand.add("field:Marketing_consent")
    booked = hand.add("event:Booking")
    hand.choose(control(booked, "operator"), "not performed")
    hand.choose(control(booked, "window.kind"), "in the last")
    hand.enter(control(booked, "window.amount"), "180")


def where(hand: Hand, node: str, attribute: str, operator: str, value: str) -> None:
    """Only events with this attribute."""
    builder, first = hand.builder, "where.children[0]"
    with builder.saved():
        hand.press(builder.button(node, "attribute:where"))
    name = builder.control(node, f"{first}.attribute")
    if name.input_value() != attribute:
        hand.enter(name, attribute)
    chooser = builder.control(node, f"{first}.operator")
    if chooser.locator(":checked").inner_text() != operator:
        hand.choose(chooser, operator)
    hand.enter(builder.control(node, f"{first}.value"), value)


SCENARIOS = {
    "inactive-vips": inactive_vips,
    "sms-activation": sms_activation,
    "credit-card-cross-sell": product_cross_sell,
    "spain-last-minute": last_minute_travel,
    "preventive-care": preventive_care,
}
EXPECTED = {case.name.removeprefix(f"{WORLD.name}-"): case for case in CASES}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_segment_is_built_from_nothing_and_has_its_members(hand: Hand, scenario: str):
    begin(hand, scenario)
    SCENARIOS[scenario](hand)
    publish(hand)
    settle(now=WORLD.now)

    catalog, case = current_catalog(), EXPECTED[scenario]
    segment = Segment.objects.get(key=scenario)
    assert segment.live_version
    assert parse(segment.live_version.definition, catalog) == parse(case.definition, catalog)
    assert worlds.members_of(scenario) == set(case.expect)


def begin(hand: Hand, key: str) -> None:
    page = hand.builder.page
    hand.type_into(page.get_by_label("Name", exact=True), key)
    hand.press(page.get_by_role("button", name="Start building"))
    page.wait_for_url(f"**/segments/{key}/builder*")
    hand.builder.wait()
    expect(hand.builder.sentence).to_have_text("Nothing is described yet.")


def publish(hand: Hand) -> None:
    page = hand.builder.page
    hand.press(hand.builder.publishing)
    hand.press(page.get_by_role("dialog").get_by_role("button", name="Publish"))
    page.wait_for_url("**/segments/*")
    expect(page.locator("#messages")).to_contain_text("is published")
