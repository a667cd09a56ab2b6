"""Two people in the builder of one segment, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from segmentflow.models import User
from segmentflow.roles import MARKETERS
from segments.tests.made import make_user
from tests.browser.building import DESKTOP, ROOT, Builder, group, make_draft, sign_in, tier

pytestmark = pytest.mark.django_db(transaction=True)

CONFLICT = "status of 409"
"""The browser reports a refusal as an error."""


@pytest.fixture
def opened(new_page: Any, live_server: Any, transactional_db: None) -> Callable[[User], Builder]:
    make_draft(group(tier("Gold"), tier("Silver"), match="any"))

    def opened(user: User) -> Builder:
        page = new_page(expected=[CONFLICT], **DESKTOP)
        sign_in(page.context, live_server.url, user)
        builder = Builder(page)
        builder.open(live_server.url, "draft")
        return builder

    return opened


def test_each_sees_the_name_of_the_other(opened, ada):
    hers = opened(ada)
    his = opened(make_user(MARKETERS, "bert"))

    expect(his.page.locator("#others")).to_have_text("ada is here, too")
    expect(hers.page.locator("#others")).to_have_text("bert is here, too")


def test_the_later_change_is_refused_with_the_difference_and_work_goes_on(opened, ada):
    hers, his = opened(ada), opened(make_user(MARKETERS, "bert"))
    with hers.saved():
        hers.control("n2", "value").fill("Platinum")
        hers.page.keyboard.press("Tab")

    his.node("n3").focus()
    with his.saved():
        his.page.keyboard.press("Delete")

    notice = his.page.get_by_role("alert")
    expect(notice).to_contain_text("ada changed this draft meanwhile")
    expect(notice).to_contain_text("Tier is Gold → Tier is Platinum")
    expect(notice).to_be_focused()
    expect(notice).to_be_in_viewport()
    assert his.ids() == [ROOT, "n2", "n3"]
    assert his.control("n2", "value").input_value() == "Platinum"
    assert his.stored() == group(tier("Platinum"), tier("Silver"), match="any")

    his.node("n3").focus()
    with his.saved():
        his.page.keyboard.press("Delete")
    expect(notice).to_be_hidden()
    assert his.stored() == group(tier("Platinum"), match="any")


def test_what_was_being_typed_is_shown_as_it_is_stored_now(opened, ada):
    """Nobody can take their own words for those of the draft."""
    hers, his = opened(ada), opened(make_user(MARKETERS, "bert"))
    with hers.saved():
        hers.control("n2", "value").fill("Platinum")
        hers.page.keyboard.press("Tab")

    with his.saved():
        his.control("n2", "value").fill("Bronze")

    expect(his.page.get_by_role("alert")).to_contain_text("ada changed")
    assert his.control("n2", "value").input_value() == "Platinum"
    with his.saved():
        his.control("n2", "value").fill("Bronze")
    assert his.stored() == group(tier("Bronze"), tier("Silver"), match="any")


def test_two_windows_of_one_person_do_not_overwrite_each_other(opened, ada):
    one, other = opened(ada), opened(ada)
    with one.saved():
        one.button("n2", "duplicate").first.click()

    with other.saved():
        other.button("n3", "duplicate").first.click()

    expect(other.page.get_by_role("alert")).to_contain_text("You, in another window, changed")
    assert other.ids() == one.ids()
    assert len(other.ids()) == 4
