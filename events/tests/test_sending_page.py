"""The page "Send your first event": its code is run as it stands there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from events.models import Event
from events.sending import CONTACT
from events.tests.made import make_event, make_type, make_user
from segmentflow.models import ApiKey
from segmentflow.roles import ADMINS

pytestmark = pytest.mark.django_db

SEND = reverse("send_events")
PROGRAMS = {
    "curl": ["sh", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "-e"],
}


class Codes(HTMLParser):
    """The text of each <code> that has an id, as the button copies it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.inside = ""

    def handle_starttag(self, tag, attributes):
        self.inside = dict(attributes).get("id") or "" if tag == "code" else self.inside

    def handle_endtag(self, tag):
        self.inside = "" if tag == "code" else self.inside

    def handle_data(self, data):
        if self.inside:
            self.found[self.inside] = self.found.get(self.inside, "") + data


def codes_of(response) -> dict[str, str]:
    parser = Codes()
    parser.feed(response.content.decode())
    return parser.found


def run(language: str, code: str) -> str:
    program = PROGRAMS[language]
    if shutil.which(program[0]) is None or (language == "curl" and shutil.which("curl") is None):
        pytest.skip(f"there is no {language} here")
    environment = {"no_proxy": "*", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(
        [*program, code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def arrival(client, token: str) -> str:
    response = client.get(SEND, {"token": token}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.status_code == (286 if "Arrived" in html else 200)  # 286 ends the polling
    return html


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", PROGRAMS)
def test_the_code_with_the_new_key_is_accepted_and_its_arrival_seen(live_server, language):
    client = Client()
    client.force_login(make_user(ADMINS))
    host = live_server.url.removeprefix("http://")
    response = client.post(SEND, headers={"Host": host})
    token, code = response.context["token"], codes_of(response)[f"{language.lower()}-code"]
    assert "Waiting" in arrival(client, token)

    run(language, code)

    event = Event.objects.get()
    assert (event.contact.external_id, event.type.key) == (CONTACT, "Purchase")
    assert event.attributes == {"amount": 49.9, "category": "shoes"}
    html = arrival(client, token)
    assert "Arrived: Purchase by" in html
    assert f'href="/contacts/{event.contact.pk}"' in html
    assert "hx-get" not in html


def test_the_key_is_shown_once_and_can_send_nothing_but_data(client, admin):
    html = client.post(SEND).content.decode()

    key = ApiKey.objects.get()
    assert (key.scopes, key.created_by) == (["ingest"], admin)
    assert key.name == "First event by otto"
    shown = codes_of(client.post(SEND))["key"]
    assert shown.startswith("sf_")
    assert shown not in html
    assert shown not in client.get(SEND).content.decode()


def test_a_page_with_a_key_is_kept_nowhere(client, admin):
    assert "no-store" in client.post(SEND).headers["Cache-Control"]


def test_the_code_is_for_this_very_server(client, admin):
    response = client.get(SEND, headers={"Host": "localhost:8123"})

    for language in PROGRAMS:
        assert (
            "http://localhost:8123/api/v1/events" in codes_of(response)[f"{language.lower()}-code"]
        )


def test_before_a_key_is_made_its_place_is_marked(client, admin):
    response = client.get(SEND)

    assert "Bearer YOUR_KEY" in codes_of(response)["curl-code"]
    assert "Make a key</button>" in response.content.decode()


def test_others_learn_who_makes_keys(client, reader):
    html = client.get(SEND).content.decode()

    assert "only admins make keys" in html
    assert '<button class="btn btn-primary"' not in html
    assert "Bearer YOUR_KEY" in unescape(html)


def test_each_visit_waits_for_an_event_of_its_own(client, reader):
    first, second = client.get(SEND).context["token"], client.get(SEND).context["token"]

    assert first != second
    make_event(f"test-{first}", contact=CONTACT)
    assert "Arrived" in arrival(client, first)
    assert "Waiting" in arrival(client, second)


def test_the_event_of_somebody_else_is_none_of_mine(client, reader):
    token = client.get(SEND).context["token"]
    make_event(f"test-{token}", contact="anna")

    assert "Waiting" in arrival(client, token)


def test_a_contact_that_got_a_name_is_named(client, reader):
    make_event("test-abc", contact=CONTACT)
    Contact.objects.update(first_name="Tess", last_name="Ter")

    html = arrival(client, "abc")

    assert "Tess Ter</a>" in html
    assert f'href="/events?contact={Contact.objects.get().pk}"' in html


def test_only_registered_types_are_offered_where_others_are_refused(client, reader, settings):
    settings.EVENT_TYPES_STRICT = True
    make_type('It\'s a "visit" / ü')

    response = client.get(SEND)

    body = codes_of(response)["javascript-code"]
    sent = json.loads(body[body.index("{") : body.index("};") + 1])
    assert sent["type"] == 'It\'s a "visit" / ü'
    assert "as an event of the type" in response.content.decode()


def test_without_any_registered_type_the_page_says_so(client, admin, settings):
    settings.EVENT_TYPES_STRICT = True

    html = client.get(SEND).content.decode()

    assert "No event type is registered" in html
    assert 'href="/events/types/new"' in html
