"""Files of contacts brought to the page: dropped, chosen, cancelled, refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from contacts.models import ContactImport
from segmentflow.models import User
from tests.browser.building import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = "external_id,city\nann,Oslo\n"
READY = re.compile(r"/contacts/imports/\d+$")
CARRY = """([name, content]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([content], name));
    return carried;
}"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.IMPORTS_DIR = tmp_path / "imports"
    return tmp_path / "imports"


@pytest.fixture
def imports(new_page: Callable[..., Page], live_server: Any, ada: User) -> Page:
    """What the server refuses, the browser reports."""
    page = new_page(expected=["422"])
    sign_in(page.context, live_server.url, ada)
    page.goto(f"{live_server.url}/contacts/imports")
    return page


def drag(page: Page, name: str = "people.csv", content: str = CONTENT) -> Any:
    """Until the file is over a part of the page that is not the area itself."""
    carried = page.evaluate_handle(CARRY, [name, content])
    page.dispatch_event("h1", "dragover", {"dataTransfer": carried})
    return carried


def test_a_file_is_dropped_anywhere_on_the_page(imports: Page):
    area = imports.locator("[data-drop]")
    expect(area).not_to_have_class(re.compile("is-over"))

    carried = drag(imports)
    expect(area).to_have_class(re.compile("is-over"))
    imports.dispatch_event("h1", "drop", {"dataTransfer": carried})

    expect(imports).to_have_url(READY)
    expect(imports.get_by_role("heading", name="people.csv")).to_be_visible()


def test_the_area_looks_as_before_when_the_file_is_taken_away(imports: Page):
    drag(imports)

    imports.dispatch_event("body", "dragleave", {})

    expect(imports.locator("[data-drop]")).not_to_have_class(re.compile("is-over"))


def test_keys_alone_bring_a_file(imports: Page, tmp_path: Path):
    path = tmp_path / "people.csv"
    path.write_text(CONTENT)
    chooser = imports.get_by_label("A CSV, JSON Lines or XLSX file")
    chooser.focus()
    chooser.set_input_files(path)

    imports.keyboard.press("Tab")
    imports.keyboard.press("Enter")

    expect(imports).to_have_url(READY)


def test_what_is_wrong_is_said_without_another_page(imports: Page, folder: Path):
    carried = drag(imports, "people.pdf")
    imports.dispatch_event("h1", "drop", {"dataTransfer": carried})

    expect(imports.get_by_role("alert")).to_contain_text("ends in .csv, .jsonl or .xlsx")
    expect(imports.get_by_role("button", name="Read the file")).to_be_visible()
    assert not list(folder.iterdir())

    imports.dispatch_event("h1", "drop", {"dataTransfer": drag(imports)})
    expect(imports).to_have_url(READY)


def test_a_file_that_is_too_large_is_not_sent(
    imports: Page, live_server: Any, settings: Any, folder: Path
):
    settings.MAX_IMPORT_BYTES = 1024 * 1024
    imports.reload()

    carried = drag(imports, content="x" * (1024 * 1024 + 1))
    imports.dispatch_event("h1", "drop", {"dataTransfer": carried})

    expect(imports.get_by_role("alert")).to_contain_text("A file has at most 1 MB.")
    assert not folder.exists()


def test_sending_shows_how_far_it_is_and_can_be_cancelled(imports: Page):
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    imports.route("**/contacts/imports", hold)
    carried = drag(imports, content="x" * 3 * 1024 * 1024)
    imports.dispatch_event("h1", "drop", {"dataTransfer": carried})
    progress = imports.get_by_role("progressbar", name="Sending the file")
    expect(progress).to_be_visible()
    expect(imports.locator("[data-upload-figure]")).to_have_text(re.compile(r"3\.0 MB|being read"))
    expect(imports.get_by_role("button", name="Read the file")).to_be_hidden()
    cancel = imports.get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()

    cancel.press("Enter")

    expect(progress).to_be_hidden()
    expect(imports.get_by_label("A CSV, JSON Lines or XLSX file")).to_be_focused()
    assert not ContactImport.objects.exists()
