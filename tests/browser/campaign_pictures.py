"""Campaigns to take pictures of, made as people make them: one sent, opened and clicked, and a draft of each channel."""

from __future__ import annotations

import re
import sys
import time

from playwright.sync_api import Locator, Page

EMAIL, SMS, PUSH = "Spring sale", "Last days", "New arrivals"
SHOP = "https://www.example.com/sale"
OPENS, CLICKS = 12, 5
PATIENCE_SECONDS = 60
BANNER = """
<body style="margin:0;width:1072px;height:320px;display:grid;place-items:center;color:#fff;
  font:700 88px/1 sans-serif;background:linear-gradient(120deg,#066fd1,#12b886 60%,#fab005)">Spring</body>
"""


def make_campaigns(page: Page, *, segment: str) -> dict[str, str]:
    """Their ids, and that of a picture, of a message in the outbox, and its token to unsubscribe."""
    picture = _add_picture(page)
    sending = _new(page, EMAIL, "Email", segment)
    _write_email(page, picture)
    _start(page, sending)
    outbox = _messages(page, sending)
    _answer(page, outbox)
    draft = _copy(page, sending)
    sms = _new(page, SMS, "SMS", segment)
    _write(
        page,
        "text",
        f"Only until Sunday, {{{{ contact.first_name }}}}: {SHOP} Reply STOP to opt out",
    )
    push = _new(page, PUSH, "Push", segment)
    _write(page, "title", "New in, {{ contact.first_name }}")
    _write(page, "body", "See what came in this week.")
    _write(page, "url", SHOP)
    return {
        "campaign": draft,
        "sending": sending,
        "sms": sms,
        "push": push,
        "picture": picture,
        "outbox": outbox[0],
        "leaving": _token(page, outbox[0]),
    }


def _add_picture(page: Page) -> str:
    canvas = page.context.new_page()
    canvas.set_content(BANNER)
    data = canvas.locator("body").screenshot()
    canvas.close()
    page.goto("/campaigns/pictures")
    page.set_input_files(
        "#picture-file", {"name": "spring.png", "mimeType": "image/png", "buffer": data}
    )
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.get_by_role("link", name="Delete spring.png")
    return _number(link.first.get_attribute("href") or "", r"pictures/(\d+)/")


def _new(page: Page, name: str, channel: str, segment: str) -> str:
    """Leads to its message."""
    page.goto(f"/campaigns/new?segment={segment}")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("radio", name=channel).check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/edit")
    found = _number(page.url, r"/campaigns/(\d+)/")
    page.goto(f"/campaigns/{found}/message")
    return found


def _write_email(page: Page, picture: str) -> None:
    _write(page, "subject", "Spring is here, {{ contact.first_name }}")
    _write(page, "preheader", "A third off, this week only")
    _add(page, "image")
    page.locator("[id^=choose-]").last.click()
    page.get_by_role("button", name="Choose spring.png").first.click()
    _saved(page)
    _fill(page, page.locator("[id$=-alt]").last, "Spring")
    _fill(page, _add(page, "heading"), 'Hello {{ contact.first_name | default: "there" }}')
    _fill(
        page,
        _add(page, "text"),
        f"This week **everything** is a third off. [Have a look]({SHOP}) before it is gone.",
    )
    _fill(page, _add(page, "button"), "Shop the sale")
    _fill(page, page.locator("[id$=-url]").last, SHOP)


def _add(page: Page, kind: str) -> Locator:
    """What is written on the new block."""
    amount = page.locator("[data-block]").count()
    page.locator(f"#add-{kind}").click()
    page.locator("[data-block]").nth(amount).wait_for()
    _saved(page)
    return page.locator("[data-block]").last.locator("[id$=-text]")


def _write(page: Page, control: str, text: str) -> None:
    _fill(page, page.locator(f"#message-{control}"), text)


def _fill(page: Page, control: Locator, text: str) -> None:
    control.fill(text)
    control.blur()
    _saved(page)


def _saved(page: Page) -> None:
    page.locator("[data-saved].badge-good").wait_for()
    page.wait_for_load_state("networkidle")


def _start(page: Page, campaign: str) -> None:
    page.goto(f"/campaigns/{campaign}/start")
    page.get_by_role("button", name=re.compile(r"^Send to")).click()
    page.wait_for_url(re.compile(rf"/campaigns/{campaign}$"))


def _messages(page: Page, campaign: str) -> list[str]:
    """In the outbox, once there are as many as are opened."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page.goto(f"/campaigns/outbox?campaign={campaign}")
        links = page.locator("a[href^='/campaigns/outbox/']").all()
        found = dict.fromkeys(link.get_attribute("href") or "" for link in links)
        if len(found) >= OPENS:
            return [link.rpartition("/")[2] for link in found]
        time.sleep(1)
    sys.exit("Too few messages were sent.")


def _answer(page: Page, outbox: list[str]) -> None:
    """Some look at their message, and some follow its link; nobody's first look comes in less than a second."""
    time.sleep(1.5)
    for number, message in enumerate(outbox[:OPENS]):
        page.goto(f"/campaigns/outbox/{message}")
        page.wait_for_load_state("networkidle")
        if number < CLICKS:
            frame = page.frame_locator("#message-frame")
            link = frame.get_by_text("Shop the sale" if number % 2 else "Have a look")
            page.request.get(link.get_attribute("href") or "", max_redirects=0)


def _copy(page: Page, campaign: str) -> str:
    page.goto(f"/campaigns/{campaign}")
    page.locator("summary", has_text="More").first.click()
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/edit")
    _fill(page, page.get_by_label("Name", exact=True), "Summer sale")
    return _number(page.url, r"/campaigns/(\d+)/")


def _token(page: Page, message: str) -> str:
    html = page.request.get(f"/campaigns/outbox/{message}.html").text()
    return _number(html, r"/m/u/([\w-]+)")


def _number(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"There is nothing like {pattern}.")
    return found[1]
