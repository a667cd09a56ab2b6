"""Setting up an authenticator app in a browser, and showing what it shows."""

from __future__ import annotations

from base64 import b32decode

from django_otp.oath import totp
from playwright.sync_api import Page


def code_of(key: str) -> str:
    """Now, for the key as pages show it."""
    return f"{totp(b32decode(key.replace(' ', ''))):06}"


def set_up(page: Page, *, password: str, code: str = "") -> list[str]:
    """The recovery codes; without a code, that of now."""
    page.goto("/account/second-factor")
    page.get_by_label("Code").fill(code or code_of(page.locator("#app-key").inner_text()))
    page.get_by_label("Your password").first.fill(password)
    page.get_by_role("button", name="Turn it on").click()
    return page.locator("#recovery-codes").inner_text().split()


def show_code(page: Page, code: str) -> None:
    """The second step of signing in."""
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Go on").click()


def turn_off(page: Page, *, password: str, code: str) -> None:
    page.goto("/account/second-factor/off")
    page.get_by_label("Code").fill(code)
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Turn it off").click()
