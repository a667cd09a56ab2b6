"""Passkeys in a real browser, with a device that is made up, and signing in by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from segmentflow.models import Session, User
from segmentflow.signin.policy import EVERYBODY, require_of
from tests.browser.barriers import barriers
from tests.browser.conftest import PASSWORD
from tests.browser.second_factor import code_of, set_up, show_code

pytestmark = pytest.mark.django_db(transaction=True)

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """Browsers take the name of this machine for a safe place."""
    settings.PUBLIC_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def page(new_page: Callable[..., Page], site: str) -> Page:
    # Wrong passwords and codes are answered 422, which the browser reports.
    page = new_page(base_url=site, expected=["422"])
    assert site.startswith("http://localhost:")
    return page


@pytest.fixture
def authenticator(page: Page) -> Callable[..., None]:
    """Its owner is there, or not."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    def recognises(*, its_owner: bool) -> None:
        session.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": made["authenticatorId"], "isUserVerified": its_owner},
        )

    return recognises


def sign_in(page: Page) -> None:
    page.goto("/sign-in?next=/account")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page, *, password: str = PASSWORD) -> None:
    page.get_by_label("Name", exact=True).fill("This laptop")
    page.locator("#passkey-password").fill(password)
    page.get_by_role("button", name="Add passkey").click()


def test_a_passkey_is_made_signs_in_alone_and_after_the_password_and_is_removed(
    page: Page, authenticator: Callable[..., None], ada: User
):
    sign_in(page)
    page.goto("/account/security")
    add_passkey(page, password="wrong")
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    add_passkey(page)
    expect(page.get_by_text("The passkey “This laptop” can be used now.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in?next=/account/sessions")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("/account/sessions")
    assert Session.objects.get(user=ada).how == "passkey"

    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page)
    page.wait_for_url("/sign-in/code")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("/account")
    assert Session.objects.get(user=ada).how == "password+passkey"

    page.goto("/account/security")
    page.get_by_role("link", name="Remove This laptop").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("opens nothing here any more")).to_be_visible()


def test_a_device_that_does_not_know_its_owner_lets_nobody_in(
    page: Page, authenticator: Callable[..., None], ada: User
):
    sign_in(page)
    page.goto("/account/security")
    add_passkey(page)
    expect(page.get_by_text("can be used now")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    authenticator(its_owner=False)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    assert not Session.objects.filter(user=ada).exists()


def test_whoever_has_to_have_one_sets_it_up_and_signs_in_with_it(page: Page, ada: User):
    require_of([EVERYBODY])
    sign_in(page)
    page.wait_for_url("/account/second-factor")
    assert barriers(page) == []
    code = code_of(page.locator("#app-key").inner_text())
    codes = set_up(page, password=PASSWORD, code=code)
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("a code from your app.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    page.wait_for_url("/sign-in/code")
    assert barriers(page) == []
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    show_code(page, code)
    expect(page.get_by_text(re.compile("does not fit, or was used before"))).to_be_visible()
    show_code(page, codes[0])
    page.wait_for_url("/account")
