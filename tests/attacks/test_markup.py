"""Whatever somebody types is shown as text: on every page, in every file that people take away."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction

from contacts.files.writing import BEGINS_A_FORMULA
from contacts.models import Contact
from tests.attacks.effort import IS_LONG
from tests.attacks.hostile import FORMULA, MARKUP
from tests.attacks.spoiled import spoil
from tests.figures import count
from tests.site.matrix import LINES, SUPERUSER, Line
from tests.site.test_rights import is_api

pytestmark = pytest.mark.django_db

SHOWN_AS_THEY_ARE = ("/campaigns/outbox/{outbox}.html", "/campaigns/{campaign}/preview.html")
"""Messages, which are HTML: sandboxed by their own policy."""
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-url")
SPOILED_AT_LEAST = [
    *("contacts.Contact.first_name", "contacts.Contact.city", "contacts.Contact.attributes"),
    *("contacts.Field.label", "contacts.Field.description", "segments.Segment.name"),
    *(
        "segments.Segment.description",
        "segments.Segment.tags",
        "segments.SegmentVersion.definition",
    ),
    *("campaigns.Campaign.name", "campaigns.Campaign.content", "outbound.Webhook.name"),
    *("outbound.Webhook.trouble", "outbound.WebhookDelivery.answer", "outbound.Export.name"),
    *("segmentflow.Website.name", "segmentflow.ApiKey.name", "events.EventType.label"),
    *(
        "contacts.FieldChange.problems",
        "campaigns.Message.error",
        "campaigns.OutboxMessage.subject",
    ),
]


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = str(self.get_starttag_text())[:200]
        if tag == "xss-probe" or any(name.startswith("on") for name, _ in attrs):
            self.wrong.append(said)
        for name, value in attrs:
            if name in ADDRESSES and (value or "").strip().lower().startswith("javascript:"):
                self.wrong.append(said)


@pytest.fixture
def spoiled(standing):
    def with_text(text: str) -> Any:
        with transaction.atomic():
            return spoil(text)

    return with_text


def pages() -> list[Line]:
    """All but those of single rows in Django's administration, which are its own."""
    return [
        line
        for line in LINES
        if line.get and SUPERUSER in line.get and not is_api(line)
        if IS_LONG or not line.address.startswith("/admin/") or "{" not in line.address
    ]


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_no_text_becomes_markup_on_any_page(standing, spoiled):
    done = spoiled(MARKUP)
    assert set(SPOILED_AT_LEAST) <= set(done), set(SPOILED_AT_LEAST) - set(done)
    client, wrong, shown = standing.client(SUPERUSER), [], 0
    for line in pages():
        address = standing.address(line.address)
        for headers in ({}, {"HX-Request": "true"}):
            response = client.get(address, headers=headers)
            count("pages with hostile texts")
            assert response.status_code < 500, address
            is_html = response.headers.get("Content-Type", "").startswith("text/html")
            if not is_html or line.address in SHOWN_AS_THEY_ARE:
                continue
            content = content_of(response).decode()
            page = Page()
            page.feed(content)
            wrong += [f"{address}: {one}" for one in page.wrong]
            wrong += [f"{address}: rendered"] * ("q49q" in content)
            shown += "&lt;xss-probe" in content

    assert not wrong, "\n".join(wrong)
    assert shown > 100


def test_messages_that_are_shown_run_nothing(standing, spoiled):
    spoiled(MARKUP)
    for address in SHOWN_AS_THEY_ARE:
        response = standing.client(SUPERUSER).get(standing.address(address))
        policy = response.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "script-src" in policy or "default-src 'none'" in policy
        assert "allow-scripts" not in policy


def test_no_address_becomes_a_script(standing, spoiled):
    spoiled("javascript:probe()")
    client, wrong = standing.client(SUPERUSER), []
    for line in pages():
        response = client.get(standing.address(line.address))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            page = Page()
            page.feed(content_of(response).decode())
            wrong += [f"{line.address}: {one}" for one in page.wrong]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("begin", BEGINS_A_FORMULA if IS_LONG else ("=", "\r"))
def test_no_file_has_a_cell_that_a_spreadsheet_would_run(standing, spoiled, begin):
    spoiled(f"{begin}{FORMULA}")
    Contact.objects.update(phone=f"{begin}49123")
    clients = [standing.client(SUPERUSER), standing.client("read")]
    files = 0
    for line in LINES:
        if line.get is None or line.address.startswith("/admin"):
            continue
        for client in clients:
            response = client.get(standing.address(line.address))
            if not response.headers.get("Content-Type", "").startswith("text/csv"):
                continue
            files += 1
            rows = csv.reader(io.StringIO(content_of(response).decode()))
            cells = [cell for row in rows for cell in row if cell.startswith(BEGINS_A_FORMULA)]
            assert not [cell for cell in cells if not _is_number(cell)], line.address
    asked = {"kind": "csv", "column": ["first_name", "city", "phone", "Status_VIP"]}
    sent = standing.client(SUPERUSER).post("/contacts/export", asked)
    for row in csv.reader(io.StringIO(content_of(sent).decode())):
        assert not [cell for cell in row if cell.startswith(BEGINS_A_FORMULA)]

    assert files >= 6


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).isdigit()
