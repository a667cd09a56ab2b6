"""Values of a contact changed where they stand: by mouse, by keyboard, and beside others."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.consents import consents_of
from contacts.fields import create_field
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segmentflow.clock import current_time
from tests.browser.barriers import barriers
from tests.browser.building import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def store(external_id: str = "anna", **values: Any) -> None:
    """Built-in values by their names, those in capitals as additional fields."""
    built_in = {key: value for key, value in values.items() if key.islower()}
    others = {key: value for key, value in values.items() if not key.islower()}
    row = ContactRow(built_in={"external_id": external_id, **built_in}, attributes=others)
    assert not upsert_contacts(rows=[row], now=current_time()).errors


@pytest.fixture
def profile(signed_in: Page, live_server: Any) -> Page:
    now = current_time()
    create_field(raw={"key": "Vip", "label": "VIP", "type": "boolean"}, now=now)
    create_field(raw={"key": "Seen", "label": "Seen", "type": "datetime"}, now=now)
    raw = {"key": "Likes", "label": "Likes", "type": "list", "choices": ["Books", "Toys"]}
    create_field(raw=raw, now=now)
    store(first_name="Anna", city="Oslo", Likes=["Toys"], Seen="2026-03-31T07:00:00Z")
    signed_in.goto(f"{live_server.url}/contacts/{anna().pk}")
    return signed_in


def anna() -> Contact:
    return Contact.objects.get(external_id="anna")


def value(page: Page, label: str) -> Locator:
    return page.get_by_role("link", name=f"Edit {label}:")


def opened(page: Page, label: str) -> Locator:
    """The control, which has the focus."""
    value(page, label).click()
    control = page.locator("form[data-editor]").get_by_label(label)
    expect(control).to_be_focused()
    return control


def test_by_mouse_a_value_is_saved_when_it_is_left(profile: Page):
    opened(profile, "City").fill("Bergen")
    profile.get_by_role("heading", name="Timeline").click()

    expect(value(profile, "City")).to_contain_text("Bergen")
    assert anna().city == "Bergen"
    expect(profile.locator("form[data-editor]")).to_have_count(0)


def test_by_keyboard_enter_opens_saves_and_comes_back(profile: Page):
    value(profile, "City").focus()
    profile.keyboard.press("Enter")
    expect(profile.locator("form[data-editor]").get_by_label("City")).to_be_focused()
    profile.keyboard.type("Rome")
    profile.keyboard.press("Enter")

    expect(value(profile, "City")).to_contain_text("Rome")
    expect(value(profile, "City")).to_be_focused()
    assert anna().city == "Rome"


def test_escape_leaves_everything_as_it_was(profile: Page):
    opened(profile, "City").fill("Rome")
    profile.keyboard.press("Escape")

    expect(value(profile, "City")).to_contain_text("Oslo")
    expect(value(profile, "City")).to_be_focused()
    assert anna().city == "Oslo"


def test_cancel_saves_nothing_though_it_leaves_the_control(profile: Page):
    opened(profile, "City").fill("Rome")
    profile.get_by_role("link", name="Cancel").click()

    expect(value(profile, "City")).to_contain_text("Oslo")
    assert anna().city == "Oslo"


def test_from_one_value_a_click_leads_to_the_next(profile: Page):
    opened(profile, "City").fill("Rome")
    value(profile, "First name").click()

    expect(profile.locator("form[data-editor]").get_by_label("First name")).to_be_focused()
    expect(value(profile, "City")).to_contain_text("Rome")
    assert anna().city == "Rome"


def test_yes_no_choices_and_times_have_controls_of_their_own(profile: Page):
    opened(profile, "VIP").select_option("Yes")
    profile.keyboard.press("Enter")
    expect(value(profile, "VIP")).to_contain_text("Yes")

    value(profile, "Likes").click()
    profile.get_by_label("Books").check()
    profile.get_by_role("button", name="Save").click()
    expect(value(profile, "Likes")).to_contain_text("Books")

    opened(profile, "Seen").fill("2026-04-01T10:30")
    profile.keyboard.press("Enter")
    expect(value(profile, "Seen")).to_contain_text("1 April 2026, 10:30")

    stored = anna().attributes
    assert (stored["Vip"], stored["Likes"]) == (True, ["Toys", "Books"])


def test_the_name_above_follows(profile: Page):
    opened(profile, "First name").fill("Berta")
    profile.keyboard.press("Enter")

    expect(profile.get_by_role("heading", level=1)).to_have_text("Berta")


def test_what_is_wrong_stands_at_the_value_and_can_be_mended(new_page: Any, live_server: Any, ada):
    page = new_page(expected=["422"])
    sign_in(page.context, live_server.url, ada)
    store(first_name="Anna")
    store("zoe", email="zoe@example.com", first_name="Zoe")
    page.goto(f"{live_server.url}/contacts/{anna().pk}")

    opened(page, "Email").fill("zoe@example.com")
    page.keyboard.press("Enter")

    editor = page.locator("form[data-editor]")
    expect(editor).to_contain_text("belongs to another contact")
    expect(editor.get_by_role("link", name="Zoe")).to_be_visible()
    expect(editor.get_by_role("link", name="merge the two")).to_be_visible()
    expect(editor.get_by_label("Email")).to_be_focused()
    assert barriers(page) == []
    editor.get_by_label("Email").fill("anna@example.com")
    page.keyboard.press("Enter")
    expect(value(page, "Email")).to_contain_text("anna@example.com")


def test_two_who_edit_the_same_value_see_each_other(new_page: Any, live_server: Any, ada):
    page = new_page(expected=["422"])
    sign_in(page.context, live_server.url, ada)
    store(city="Oslo")
    page.goto(f"{live_server.url}/contacts/{anna().pk}")

    control = opened(page, "City")
    store(city="Bergen")
    control.fill("Rome")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("It is now: Bergen")
    assert anna().city == "Bergen"
    page.get_by_role("button", name="Save mine").click()
    expect(value(page, "City")).to_contain_text("Rome")


def test_what_arrives_meanwhile_does_not_close_the_control(profile: Page):
    control = opened(profile, "City")
    control.fill("Rome")
    store(first_name="Berta")
    profile.wait_for_timeout(6_000)

    expect(control).to_have_value("Rome")
    profile.keyboard.press("Escape")
    expect(value(profile, "First name")).to_contain_text("Berta")


def test_a_consent_is_recorded_by_its_button_alone(profile: Page):
    profile.get_by_role("link", name="Change Email:").click()
    editor = profile.locator("form[data-editor]")
    expect(editor.get_by_label("Consent")).to_be_focused()
    editor.get_by_label("How we know").fill("by phone")
    profile.get_by_role("heading", name="Timeline").click()
    expect(editor).to_be_visible()
    assert barriers(profile) == []

    editor.get_by_role("button", name="Record").click()

    expect(profile.get_by_role("link", name="Change Email:")).to_contain_text("Subscribed")
    assert consents_of([anna().pk])[anna().pk]["email"].source.endswith(": by phone")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("label", ["City", "VIP", "Likes", "Seen"])
def test_no_control_has_a_barrier(profile: Page, label: str, theme: Any):
    profile.emulate_media(color_scheme=theme, reduced_motion="reduce")
    value(profile, label).click()
    expect(profile.locator("form[data-editor]")).to_be_visible()

    assert barriers(profile) == []
