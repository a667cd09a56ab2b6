"""The settings of sending: who delivers, tests, rules, and addresses that get nothing more."""

from __future__ import annotations

import pytest

from campaigns.channels.models import OutboxMessage, SendingLane, Suppression, Way
from campaigns.channels.secrets import unseal
from campaigns.channels.tests.servers import HANG, gateway, mail_server
from campaigns.channels.ways import WAITED, way_of
from campaigns.delivery.lane import rest, trouble_of
from campaigns.rules import current_rules
from campaigns.suppressing import suppress
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS
from segmentflow.tests.made import HTMX, sign_in

pytestmark = pytest.mark.django_db

PAGE = "/settings/sending"
SECRET = "geheim-815"  # noqa: S105 - of nobody


@pytest.fixture
def ada(client):
    ada = sign_in(client, ADMINS)
    ada.email = "ada@example.com"
    ada.save()
    return ada


def smtp(port=587, **changes):
    return {
        "adapter": "smtp",
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "username": "",
        "password": "",
        "sender_name": "Żółty Shop",
        "sender_address": "shop@example.com",
        "reply_to": "",
        "postal_address": "1 Main Street\r\nTown",
        "per_second": "100",
        **changes,
    }


def read(client, path=PAGE, **options):
    return client.get(path, **options).content.decode()


def test_everything_stays_in_the_outbox_until_somebody_says_otherwise(client, ada):
    page = read(client)
    assert page.count("Built-in outbox") == 3
    assert 'value="ada@example.com"' in page
    client.post(f"{PAGE}/email/test", {"address": "ada@example.com"})
    kept = OutboxMessage.objects.get()
    assert (kept.is_test, kept.address) == (True, "ada@example.com")


def test_a_mail_server_is_set_tried_and_its_password_never_shown(client, ada):
    with mail_server() as server:
        form = smtp(server.port, username="u", password=SECRET)
        response = client.post(f"{PAGE}/email", form, follow=True)
        assert response.redirect_chain == [(PAGE, 302)]
        assert "Żółty Shop &lt;shop@example.com&gt;" in response.content.decode()
        stored = Way.objects.get(pk="email")
        assert SECRET not in f"{stored.config} {stored.secrets}"
        assert unseal(stored.secrets) == {"password": SECRET}
        assert SECRET not in read(client) + read(client, f"{PAGE}/email")
        # This server wants no password, so there is none to be given either.
        client.post(f"{PAGE}/email", smtp(server.port, forget_password="on"))
        assert way_of("email").secrets == {}
        page = client.post(f"{PAGE}/email/test", {"address": "ada@example.com"}, follow=True)
        assert "The test for ada@example.com was taken." in page.content.decode()
        assert server.recipients == ["ada@example.com"]


def test_an_empty_password_keeps_the_stored_one_for_the_same_adapter_only(client, ada):
    client.post(f"{PAGE}/email", smtp(username="u", password=SECRET))
    client.post(f"{PAGE}/email", smtp(username="u", host="other.example"))
    assert way_of("email").secrets == {"password": SECRET}
    postmark = smtp(adapter="postmark", message_stream="broadcast")
    response = client.post(f"{PAGE}/email", postmark)
    assert response.status_code == 422
    assert "“Server token” is needed." in response.content.decode()
    client.post(f"{PAGE}/email", postmark | {"server_token": "token"})
    assert way_of("email").secrets == {"server_token": "token"}


def test_a_password_of_another_secret_key_is_asked_for_again(client, ada, settings):
    client.post(f"{PAGE}/email", smtp(username="u", password=SECRET))
    stored = Way.objects.get(pk="email").secrets
    Way.objects.update(secrets=stored[:-8] + "AAAAAAA=")
    assert "Enter it again" in read(client)
    assert client.get(f"{PAGE}/email").status_code == 200
    failed = client.post(f"{PAGE}/email/test", {"address": "ada@example.com"}, follow=True)
    assert "Enter it again" in failed.content.decode()
    client.post(f"{PAGE}/email", smtp(username="u", password=SECRET))
    assert way_of("email").secrets == {"password": SECRET}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": ""}, "“Server” is needed."),
        ({"port": "70000"}, "Write a whole number from 1 to 65,535."),
        ({"security": "magic"}, "Select a valid choice"),
        ({"sender_address": ""}, "“Sender’s address” is needed."),
        ({"sender_address": "nobody"}, "That is no email address."),
        ({"username": "u"}, "A user has a password, too."),
        ({"per_second": "fast"}, "Write a whole number from 1 to 10,000"),
        ({"adapter": "pigeon"}, "Choose who delivers from the list."),
        ({"host": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(client, ada, changes, said):
    response = client.post(f"{PAGE}/email", smtp(**changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Way.objects.exists()


def test_another_adapter_is_looked_at_without_saving(client, ada):
    page = read(client, f"{PAGE}/sms?adapter=twilio")
    assert "Account SID" in page
    assert "/m/hooks/sms/" in page
    part = read(client, f"{PAGE}/sms?adapter=gateway", headers=HTMX)
    assert part.strip().startswith('<div id="way"')
    assert "Where the answer has the message" in part
    assert not Way.objects.exists()
    assert client.get(f"{PAGE}/pigeon").status_code == 404


def test_a_gateway_of_ones_own_sends_a_test(client, ada):
    with gateway() as server:
        form = {
            "adapter": "gateway",
            "url": f"{server.address}/send",
            "method": "POST",
            "headers": f"Authorization: Bearer {SECRET}",
            "format": "json",
            "template": '{"to": "{to}", "text": "{text}"}',
            "sender": "Shop",
            "country_code": "48",
        }
        assert client.post(f"{PAGE}/sms", form).status_code == 302
        wrong = client.post(f"{PAGE}/sms/test", {"address": "600100200"})
        assert wrong.status_code == 422
        assert "with + and the country code" in wrong.content.decode()
        client.post(f"{PAGE}/sms/test", {"address": "+48600100200"})
        [request] = server.requests
        assert request.json()["to"] == "+48600100200"
        assert request.headers["Authorization"] == f"Bearer {SECRET}"
    gone = client.post(f"{PAGE}/sms/test", {"address": "+48600100200"}, follow=True)
    assert "The test was not sent: There is no connection" in gone.content.decode()
    assert SECRET not in gone.content.decode()


def test_the_environment_says_who_delivers_email(client, ada, settings):
    settings.EMAIL_URL = f"smtp://us%40er:{SECRET}@mail.example.com/?tls=1"
    way = way_of("email")
    assert way.config == {
        "host": "mail.example.com",
        "port": "587",
        "security": "starttls",
        "username": "us@er",
    }
    assert way.secrets == {"password": SECRET}
    page = read(client) + read(client, f"{PAGE}/email")
    assert "EMAIL_URL" in page
    assert "“Sender’s address” is needed." in page
    assert SECRET not in page
    sender = {"sender_address": "shop@example.com", "per_second": "7"}
    assert client.post(f"{PAGE}/email", sender).status_code == 302
    assert (way_of("email").sender, way_of("email").per_second) == ("shop@example.com", 7)
    assert way_of("email").text("host") == "mail.example.com"
    assert Way.objects.get().adapter == "outbox"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://mail.example.com", "begins with smtp://"),
        ("smtp://", "names no host"),
        ("smtp://a:b:c:d", "is no address"),
    ],
)
def test_an_environment_that_makes_no_sense_is_said_on_the_page(client, ada, settings, url, said):
    settings.EMAIL_URL = url
    assert said in read(client)
    assert client.get(f"{PAGE}/email").status_code == 200


def test_the_rules_of_all_campaigns_are_set(client, ada):
    form = {"cap_messages": "3", "cap_days": "7", "quiet_from": "21:00", "quiet_to": "08:00"}
    assert client.post(f"{PAGE}/rules", form).status_code == 302
    assert (current_rules().cap_messages, current_rules().cap_days) == (3, 7)
    assert 'value="21:00"' in read(client)
    refused = client.post(f"{PAGE}/rules", {"cap_messages": "3"})
    assert refused.status_code == 422
    assert "A cap needs both" in refused.content.decode()
    assert current_rules().cap_days == 7


def test_a_suppressed_address_is_allowed_again(client, ada):
    why = Suppression.Why.BOUNCED
    suppress(channel="email", address="Anna@example.com", why=why, at=current_time())
    assert "1 bounced" in read(client)
    unknown = client.post(f"{PAGE}/email/allow", {"address": "jonas@example.com"})
    assert unknown.status_code == 422
    assert "This address is not suppressed." in unknown.content.decode()
    client.post(f"{PAGE}/email/allow", {"address": "anna@EXAMPLE.com"})
    assert not Suppression.objects.exists()


def in_trouble(channel="email"):
    now = current_time()
    return rest(channel=channel, error="The password is wrong.", wait_seconds=900, now=now)


def test_a_repaired_password_is_tried_at_once(client, ada):
    client.post(f"{PAGE}/email", smtp(username="u", password="wrong"))
    in_trouble()
    refused = client.post(f"{PAGE}/email", smtp(username="u", host=""))
    assert refused.status_code == 422
    assert trouble_of("email") is not None
    client.post(f"{PAGE}/email", smtp(username="u", password=SECRET))
    assert trouble_of("email") is None
    assert SendingLane.objects.get(pk="email").failures == 0


def test_a_channel_in_trouble_says_so_and_can_be_tried_now(client, ada):
    client.post(f"{PAGE}/email", smtp())
    again_at = in_trouble()
    page = read(client)
    assert "The password is wrong." in page
    assert "Waits" in page
    assert ">Delivers<" not in page
    assert again_at.isoformat()[:16] in page
    client.post(f"{PAGE}/email/try")
    row = SendingLane.objects.get(pk="email")
    assert row.again_at < again_at
    assert row.failures == 1
    assert client.post(f"{PAGE}/sms/try", follow=True).status_code == 200
    assert client.post(f"{PAGE}/pigeon/try").status_code == 404


def test_links_that_lead_nowhere_are_warned_of(client, ada, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert "nobody but this machine" not in read(client)
    client.post(f"{PAGE}/email", smtp())
    assert read(client).count("nobody but this machine") == 1


def test_a_test_waits_no_longer_than_a_page_may_and_says_for_what(client, ada, monkeypatch):
    assert WAITED <= 10
    monkeypatch.setattr("campaigns.views.testing.WAITED", 0.2)
    with mail_server() as server:
        server.say("RCPT", "hang")
        client.post(f"{PAGE}/email", smtp(server.port))
        page = client.post(f"{PAGE}/email/test", {"address": "ada@example.com"}, follow=True)
    assert "did not answer to the recipient within 0.2 seconds" in page.content.decode()
    with gateway() as server:
        server.say(HANG)
        form = {"adapter": "gateway", "url": server.address, "method": "POST", "format": "json"}
        form |= {"template": '{"to": "{to}"}', "sender": "Shop"}
        client.post(f"{PAGE}/sms", form)
        page = client.post(f"{PAGE}/sms/test", {"address": "+48600100200"}, follow=True)
    assert "There was no answer within 0.2 seconds" in page.content.decode()
