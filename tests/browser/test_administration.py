"""The administration in a browser: no page breaks the policy, phones show all, the theme is ours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page

from segmentflow.clock import current_time
from tests.browser.barriers import barriers
from tests.site.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = 390
LOOKED_AT = re.compile("/admin/$|/(contact|segment|segmentversion|user)/")
"""One page of each kind; they are made alike."""
ALONE = {"preload": False}
"""Axe would ask for imported stylesheets at the wrong address."""


def addresses() -> list[str]:
    """Of all pages that an admin may open."""
    found = [reverse("admin:index")]
    for model, pages in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if model.__name__ == "OrmQ":
            continue
        found.append(reverse(f"{name}_changelist"))
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            found += [reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history")]
        if pages.__class__.__name__ in ("FieldAdmin", "EventTypeAdmin", "SegmentAdmin"):
            found += [reverse(f"{name}_add")]
        if pages.__class__.__name__ in ("FieldAdmin", "SegmentAdmin", "ContactAdmin"):
            found += [reverse(f"{name}_delete", args=[row.pk])] if row else []
    return found


def test_no_page_breaks_the_policy_has_a_barrier_or_is_wider_than_a_phone(
    signed_in: Page, live_server: Any
):
    """What the policy blocks, the fixture `page` finds in the browser's console."""
    make_world(now=current_time())
    signed_in.set_viewport_size({"width": PHONE, "height": 844})
    wide, found = {}, {}
    for path in addresses():
        answer = signed_in.goto(f"{live_server.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        width = signed_in.evaluate("document.documentElement.scrollWidth")
        if width > PHONE:
            wide[path] = width
        if LOOKED_AT.search(path) and (some := barriers(signed_in, **ALONE)):
            found[path] = some

    assert (wide, found) == ({}, {})


def test_the_administration_follows_the_theme_and_leads_back(signed_in: Page, live_server: Any):
    def background() -> str:
        return str(signed_in.evaluate("getComputedStyle(document.body).backgroundColor"))

    signed_in.emulate_media(color_scheme="light")
    signed_in.goto(f"{live_server.url}/admin/")
    light = background()
    signed_in.emulate_media(color_scheme="dark")
    dark = background()
    assert light != dark

    signed_in.get_by_role("button", name="Light").click()
    signed_in.wait_for_url("**/admin/")
    assert background() == light
    signed_in.get_by_role("link", name="Back to SegmentFlow").click()
    signed_in.wait_for_url(f"{live_server.url}/")
    assert signed_in.locator("html").get_attribute("data-bs-theme") == "light"
