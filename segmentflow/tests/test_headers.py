"""What every answer tells browsers, and that Django finds nothing to warn of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from segmentflow.clock import current_time
from segmentflow.roles import ADMINS
from segmentflow.tests.made import sign_in
from tests.site.world import make_world

pytestmark = pytest.mark.django_db

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
PAGES = ("/", "/contacts", "/account/security", "/admin/", "/nothing", "/api/docs/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_closed_to_other_sites_and_kept_nowhere(client, path):
    sign_in(client, ADMINS)

    answer = client.get(path)

    assert {name: answer.headers[name] for name in STRICT} == STRICT
    assert "no-store" in answer.headers["Cache-Control"]
    assert "camera=()" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy


@pytest.mark.parametrize("path", ["/api/v1/contacts", "/contacts/export"])
def test_what_is_about_people_is_kept_nowhere_either(client, path):
    make_world(now=current_time())
    sign_in(client, ADMINS)

    assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_what_websites_load_may_be_loaded_and_kept(client):
    answer = client.get("/t.js")

    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age" in answer.headers["Cache-Control"]


@pytest.fixture(scope="module")
def with_https(tmp_path_factory):
    """What a program says in an installation behind a proxy with HTTPS."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # The tests' own setting for Playwright (conftest.py) is no installation's.
        of_tests = {"DJANGO_ALLOW_ASYNC_UNSAFE"}
        environment = {name: value for name, value in os.environ.items() if name not in of_tests}
        environment |= {
            "HTTPS": "1",
            "PUBLIC_URL": "https://segments.example.com",
            "SECRET_KEY": "".join(chr(33 + number) for number in range(90)),
            "SEGMENTFLOW_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DATABASE_URL": os.environ.get("DATABASE_URL", "postgresql://nobody@localhost/none"),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_django_finds_nothing_to_warn_of_in_an_installation_with_https(with_https):
    checked = with_https("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_with_https_cookies_belong_to_this_host_alone(with_https):
    asked = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'segmentflow.settings'\n"
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.OTP_WEBAUTHN_RP_ID)"
    )

    told = with_https("-c", asked).stdout.split()

    assert told == [
        *("__Host-sessionid", "__Host-csrftoken", "True", "True", "31536000"),
        "segments.example.com",
    ]
