"""Fields in a browser: ordered by dragging and by keyboard, given another type while one watches."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.fields import create_field
from contacts.models import Field
from contacts.retyping import services
from contacts.retyping.models import FieldChange
from contacts.retyping.running import advance
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segmentflow.clock import current_time
from tests.browser.dragging import Mouse, middle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fields() -> None:
    now = current_time()
    for key in ("alpha", "beta", "gamma"):
        create_field(raw={"key": key, "type": "text"}, now=now)
    rows = [
        ContactRow(built_in={"external_id": name}, attributes={"alpha": value})
        for name, value in {"a": "12", "b": "many"}.items()
    ]
    assert not upsert_contacts(rows=rows, now=now).errors


def names(page: Page) -> Any:
    return page.locator("[data-order] .row-name")


def drag(page: Page, index: int, place: int, *, order: list[str]) -> None:
    """Held over the place, not quite still, until the others have made room."""
    grips, mouse = page.locator("[data-drag]"), Mouse(page)
    x, y = middle(grips.nth(place))
    mouse.take(grips.nth(index))
    for trembling in range(30):
        mouse.move((x, y + trembling % 3))
        if names(page).all_inner_texts() == order:
            break
        page.wait_for_timeout(100)
    with page.expect_response("**/move"):
        mouse.let_go()
    expect(names(page)).to_have_text(order)


def test_fields_are_ordered_by_dragging_and_by_keyboard(
    signed_in: Page, live_server: Any, fields: None
):
    signed_in.goto(f"{live_server.url}/contacts/fields")
    drag(signed_in, 0, 2, order=["beta", "gamma", "alpha"])

    signed_in.get_by_role("button", name="Move gamma up").focus()
    with signed_in.expect_response("**/gamma/move"):
        signed_in.keyboard.press("Enter")

    expect(names(signed_in)).to_have_text(["gamma", "beta", "alpha"])
    assert list(Field.objects.values_list("key", flat=True)) == ["gamma", "beta", "alpha"]
    drag(signed_in, 2, 0, order=["alpha", "gamma", "beta"])


def test_a_type_is_changed_while_one_watches(
    signed_in: Page, live_server: Any, fields: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "PATIENCE", 0)
    page = signed_in
    page.goto(f"{live_server.url}/contacts/fields/alpha/type")
    page.get_by_role("link", name="Number").click()
    page.get_by_role("button", name="Check the values").click()
    expect(page.get_by_text("Being checked")).to_be_visible()

    finish()
    expect(page.get_by_text("“many” is no number")).to_be_visible()
    button = page.get_by_role("button", name="Change to number")
    assert button.evaluate("element => getComputedStyle(element).pointerEvents") == "none"
    page.get_by_label("Remove it").check()
    button.click()
    expect(page.get_by_text("Being converted")).to_be_visible()

    finish()
    expect(page.get_by_text("1 converted, 1 removed")).to_be_visible()
    expect(page.get_by_role("heading", name="New type")).to_have_count(1)


def finish() -> None:
    change = FieldChange.objects.get()
    while advance(change.pk, now=current_time()):
        pass
