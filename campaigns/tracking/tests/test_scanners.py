"""Programs that open and follow links by themselves are told from people."""

from __future__ import annotations

import pytest
from django.http.request import HttpHeaders

from campaigns.tracking.scanners import KNOWN, is_machine
from campaigns.tracking.tests.made import BROWSER

CHROME = BROWSER["user-agent"]


def machine(agent=CHROME, method="GET", **headers):
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return is_machine(method=method, headers=HttpHeaders({"HTTP_USER_AGENT": agent, **named}))


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Thunderbird/145.0",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 (Linux; Android 11; CUBOT) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile",
        "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.17328; ms-office)",
    ],
)
def test_people_count_whatever_fetches_pictures_for_them(agent):
    assert not machine(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "python-requests/2.32.0",
        "Barracuda Sentinel (EE)",
        "Kaspersky Lab CFR link resolver cfradmins@kaspersky.com",
        "Go-http-client/2.0",
        "curl/8.11.0",
    ],
)
def test_machines_do_not_count(agent):
    assert machine(agent)


@pytest.mark.parametrize(
    "headers",
    [
        {"purpose": "prefetch"},
        {"sec_purpose": "prefetch;prerender"},
        {"x_moz": "prefetch"},
        {"x_purpose": "preview"},
    ],
)
def test_browsers_that_fetch_ahead_do_not_count(headers):
    assert machine(**headers)


def test_asking_only_for_headers_does_not_count():
    assert machine(method="HEAD")


def test_the_list_is_data_that_says_where_it_is_from():
    assert all(known.mark == known.mark.lower() for known in KNOWN)
    assert all(known.seen_in.startswith("https://") for known in KNOWN)
