"""What providers tell about messages, in their own forms, and who may tell it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from campaigns.channels.hooks import hook_address
from campaigns.channels.models import Suppression, Way
from campaigns.channels.secrets import seal
from campaigns.models import Message
from campaigns.suppressing import digest_of
from campaigns.tracking.tests.made import (
    events_of,
    make_campaign,
    make_contact,
    make_message,
    message_of,
    path_of,
)
from contacts.consents import consents_of

pytestmark = pytest.mark.django_db

TOKEN = "geheim"  # noqa: S105 - of nobody
AT = datetime(2026, 1, 20, 10, tzinfo=UTC)


@pytest.fixture
def key():
    return make_message(make_campaign(), make_contact(), provider_id="815")


@pytest.fixture
def sms_key():
    contact = make_contact("jonas", consent="sms", phone="+48600100200")
    return make_message(
        make_campaign("sms", "Text"), contact, provider_id="SM815", address="+48600100200"
    )


def use(channel, adapter, **secrets):
    Way.objects.create(channel=channel, adapter=adapter, secrets=seal(secrets))


def tell(client, provider, body, **headers):
    address = path_of(hook_address("email", provider))
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def postmark(kind, **values):
    return {"RecordType": kind, "MessageID": "815", "Metadata": {}, **values}


def test_postmark_tells_of_delivery_once(client, key):
    body = postmark("Delivery", DeliveredAt="2026-01-20T10:00:00Z")
    for _ in range(2):
        assert tell(client, "postmark", body).status_code == 200
    assert message_of(key).delivered_at == AT
    body["DeliveredAt"] = "2026-02-01T10:00:00Z"
    tell(client, "postmark", body)
    assert message_of(key).delivered_at == AT


def test_our_key_finds_the_message_when_its_id_does_not(client, key):
    metadata = {"segmentflow": "-".join(map(str, key))}
    tell(client, "postmark", postmark("Delivery", MessageID="other", Metadata=metadata))
    assert message_of(key).delivered_at is not None


def test_a_hard_bounce_suppresses_the_address_and_a_soft_one_does_not(client, key):
    details = "smtp;550 5.1.1 anna@example.com is unknown"
    tell(client, "postmark", postmark("Bounce", Type="SoftBounce", Details="mailbox full"))
    assert message_of(key).bounced_at is not None
    assert not Suppression.objects.exists()
    for _ in range(2):
        tell(client, "postmark", postmark("Bounce", Type="HardBounce", Details=details))
    one = Suppression.objects.get()
    assert (one.channel, one.digest, one.why) == ("email", digest_of("Anna@example.com"), "bounced")
    assert one.detail == "smtp;550 5.1.1 … is unknown"


def test_a_complaint_suppresses_the_address(client, key):
    tell(client, "postmark", postmark("SpamComplaint", Type="SpamComplaint"))
    assert message_of(key).complained_at is not None
    assert Suppression.objects.get().why == "complained"


def test_unsubscribing_at_the_provider_is_the_event_of_unsubscribing(client, key):
    body = postmark(
        "SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"
    )
    for _ in range(2):
        assert tell(client, "postmark", body).status_code == 200
    assert len(events_of(key.contact_id, "Unsubscribe")) == 1
    assert not consents_of([key.contact_id])[key.contact_id]["email"].subscribed
    assert not Suppression.objects.exists()


SENDGRID = [
    ({"event": "bounce", "type": "bounce", "reason": "550 gone"}, "bounced_at", True),
    ({"event": "bounce", "type": "blocked", "reason": "421 later"}, "bounced_at", False),
    ({"event": "spamreport"}, "complained_at", True),
    ({"event": "delivered", "response": "250 OK"}, "delivered_at", False),
]


@pytest.mark.parametrize(("event", "column", "is_suppressed"), SENDGRID)
def test_sendgrid_tells_in_lists(client, key, event, column, is_suppressed):
    ours = {"anymail_id": "815", "timestamp": int(AT.timestamp()), "sg_event_id": "e"}
    others = {"event": "open", "anymail_id": "815"}
    assert tell(client, "sendgrid", [others, {**ours, **event}]).status_code == 200
    assert getattr(message_of(key), column) == AT
    assert message_of(key).opened_at is None
    assert Suppression.objects.exists() == is_suppressed


HARD = {
    "brevo": {"event": "hard_bounce", "message-id": "815"},
    "mailjet": {"event": "bounce", "hard_bounce": True, "MessageID": 815, "time": 1},
    "resend": {
        "type": "email.bounced",
        "created_at": "2026-01-20T10:00:00Z",
        "data": {
            "email_id": "815",
            "bounce": {"message": "hard bounce message", "type": "Permanent"},
        },
    },
    "sparkpost": [
        {
            "msys": {
                "message_event": {"type": "bounce", "bounce_class": "10", "transmission_id": "815"}
            }
        }
    ],
}
SOFT = {
    "brevo": {"event": "soft_bounce", "message-id": "815"},
    "mailjet": {"event": "bounce", "hard_bounce": False, "MessageID": 815, "time": 1},
    "resend": {
        "type": "email.bounced",
        "data": {"email_id": "815", "bounce": {"message": "bounce message", "type": "Transient"}},
    },
    "sparkpost": [
        {
            "msys": {
                "message_event": {"type": "bounce", "bounce_class": "22", "transmission_id": "815"}
            }
        }
    ],
}


@pytest.mark.parametrize("provider", list(HARD))
@pytest.mark.parametrize("bodies", [HARD, SOFT], ids=["hard", "soft"])
def test_every_providers_bounces_are_told_apart(client, key, provider, bodies):
    assert tell(client, provider, bodies[provider]).status_code == 200
    assert message_of(key).bounced_at is not None
    assert Suppression.objects.exists() == (bodies is HARD)


def mailgun(secret):
    digest = hmac.new(secret.encode(), b"1768903200t", hashlib.sha256).hexdigest()
    return {
        "signature": {"token": "t", "timestamp": "1768903200", "signature": digest},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "timestamp": 1768903200.0,
            "message": {"headers": {"message-id": "815@mailgun"}},
            "delivery-status": {"message": "no such mailbox", "code": 550},
        },
    }


def test_mailgun_signs_what_it_tells(client, key):
    Message.objects.update(provider_id="<815@mailgun>")
    assert tell(client, "mailgun", mailgun("right")).status_code == 403
    use("email", "mailgun", api_key="k", webhook_signing_key="right")
    assert tell(client, "mailgun", mailgun("wrong")).status_code == 403
    assert message_of(key).bounced_at is None
    assert tell(client, "mailgun", mailgun("right")).status_code == 200
    assert message_of(key).bounced_at == datetime(2026, 1, 20, 10, tzinfo=UTC)


def test_mailersend_signs_what_it_tells(client, key):
    body = {
        "type": "activity.hard_bounced",
        "data": {"type": "hard_bounced", "email": {"message": {"id": "815"}}},
    }
    use("email", "mailersend", api_token="k", signing_secret="right")
    digest = hmac.new(b"right", json.dumps(body).encode(), hashlib.sha256).hexdigest()
    assert tell(client, "mailersend", body, signature="wrong").status_code == 403
    assert tell(client, "mailersend", body, signature=digest).status_code == 200
    assert Suppression.objects.exists()


def test_sendgrids_key_that_is_none_lets_nobody_in(client, key):
    use("email", "sendgrid", api_key="k", tracking_webhook_verification_key="rubbish")
    assert tell(client, "sendgrid", [{"event": "delivered"}]).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/m/hooks/email/postmark/forged", 404),
        ("/m/hooks/email/pigeon/forged", 404),
        ("/m/hooks/sms/forged", 404),
    ],
)
def test_whoever_does_not_know_the_secret_finds_nothing(client, key, path, status):
    body = json.dumps(postmark("Delivery"))
    assert client.post(path, body, content_type="application/json").status_code == status
    assert message_of(key).delivered_at is None


def test_the_secret_of_one_provider_is_not_that_of_another(client):
    other = path_of(hook_address("email", "postmark")).replace("postmark", "brevo")
    assert client.post(other, "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize("provider", ["postmark", "sendgrid", "brevo", "resend", "mandrill"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[1]", b'"x"', b"\xff", b'{"event": 5}'])
def test_rubbish_is_answered_and_changes_nothing(client, provider, body):
    use("email", "mandrill", api_key="k", webhook_key="k")
    address = path_of(hook_address("email", provider))
    response = client.post(address, body, content_type="application/json")
    assert response.status_code in (200, 400, 403)


def test_what_is_about_unknown_messages_is_answered_like_any_other(client, key):
    assert tell(client, "postmark", postmark("Delivery", MessageID="?\0")).status_code == 200
    metadata = {"segmentflow": "1-2-3"}
    body = postmark("Delivery", MessageID="", Metadata=metadata)
    assert tell(client, "postmark", body).status_code == 200
    assert message_of(key).delivered_at is None


def test_a_report_of_email_says_nothing_about_text_messages(client, sms_key):
    tell(client, "postmark", postmark("Delivery", MessageID="SM815"))
    assert message_of(sms_key).delivered_at is None


def test_too_much_at_once_is_refused(client):
    address = path_of(hook_address("email", "postmark"))
    body = b" " * (1024 * 1024 + 1)
    assert client.post(address, body, content_type="application/json").status_code == 413


def test_providers_may_look_whether_anybody_is_there(client):
    assert client.head(path_of(hook_address("email", "mandrill"))).status_code == 200
    assert client.get(path_of(hook_address("email", "mandrill"))).status_code == 405


def twilio(client, key, form, *, token=TOKEN, address=""):
    url = f"{address or hook_address('sms', 'twilio')}?m={'-'.join(map(str, key))}"
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest())
    return client.post(path_of(url), form, headers={"x-twilio-signature": digest.decode()})


def test_twilio_signs_what_it_tells(client, sms_key):
    form = {"MessageSid": "SM815", "MessageStatus": "delivered", "To": "+48600100200"}
    assert twilio(client, sms_key, form).status_code == 403
    use("sms", "twilio", auth_token=TOKEN)
    assert twilio(client, sms_key, form, token="wrong").status_code == 403
    assert message_of(sms_key).delivered_at is None
    assert twilio(client, sms_key, form).status_code == 200
    assert message_of(sms_key).delivered_at is not None


def test_what_was_given_before_a_new_secret_key_is_still_told_there(client, settings, sms_key):
    use("sms", "twilio", auth_token=TOKEN)
    form = {"MessageSid": "SM815", "MessageStatus": "delivered"}
    old, given = settings.SECRET_KEY, hook_address("sms", "twilio")
    settings.SECRET_KEY = "a new key"  # noqa: S105
    settings.SECRET_KEY_FALLBACKS = [old]
    assert hook_address("sms", "twilio") != given
    assert twilio(client, sms_key, form, address=given).status_code == 200
    assert message_of(sms_key).delivered_at is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert twilio(client, sms_key, form, address=given).status_code == 404


@pytest.mark.parametrize(
    ("status", "code", "state", "is_suppressed"),
    [
        ("undelivered", "30003", Message.State.FAILED, False),
        ("undelivered", "30005", Message.State.SENT, True),
        ("sent", "", Message.State.SENT, False),
    ],
)
def test_what_twilio_could_not_deliver(client, sms_key, status, code, state, is_suppressed):
    use("sms", "twilio", auth_token=TOKEN)
    form = {"MessageSid": "SM815", "MessageStatus": status, "ErrorCode": code}
    assert twilio(client, sms_key, form).status_code == 200
    assert message_of(sms_key).state == state
    assert Suppression.objects.exists() == is_suppressed
    if code:
        assert code in message_of(sms_key).error


def test_who_wrote_stop_to_twilio_has_unsubscribed_and_is_not_suppressed(client, sms_key):
    use("sms", "twilio", auth_token=TOKEN)
    form = {"MessageSid": "SM815", "MessageStatus": "failed", "ErrorCode": "21610"}
    assert twilio(client, sms_key, form).status_code == 200
    message = message_of(sms_key)
    assert (message.state, message.bounced_at) == (Message.State.FAILED, None)
    assert message.unsubscribed_at is not None
    assert "unsubscribed by STOP" in message.error
    assert not Suppression.objects.exists()
    assert not consents_of([sms_key.contact_id])[sms_key.contact_id]["sms"].subscribed


@pytest.mark.parametrize(
    ("adapter", "body"),
    [
        ("gateway", {"id": "{key}", "status": "delivered"}),
        ("gateway", {"messages": [{"message_id": "SM815", "status": {"name": "DELIVRD"}}]}),
        ("messageflow", [{"externalId": "{key}", "status": "Delivered"}]),
        ("messageflow", {"messageId": "SM815", "status": "Delivered"}),
    ],
)
def test_gateways_tell_of_delivery_in_words_of_their_own(client, sms_key, adapter, body):
    text = json.dumps(body).replace("{key}", "-".join(map(str, sms_key)))
    address = path_of(hook_address("sms", adapter))
    assert client.post(address, text, content_type="application/json").status_code == 200
    assert message_of(sms_key).delivered_at is not None


def test_gateways_may_use_addresses_and_forms(client, sms_key):
    address = path_of(hook_address("sms", "gateway"))
    assert client.get(address, {"message_id": "SM815", "status": "delivered"}).status_code == 200
    assert message_of(sms_key).delivered_at is not None
    failed = {"message_id": "SM815", "status": "failed", "error": "no credit"}
    client.post(address, failed)
    assert message_of(sms_key).state == Message.State.SENT  # it has arrived, they said
    Message.objects.update(delivered_at=None)
    client.post(address, failed)
    assert (message_of(sms_key).state, message_of(sms_key).error) == (
        Message.State.FAILED,
        "no credit",
    )


def test_a_report_settles_what_was_unclear(client, sms_key):
    Message.objects.update(state=Message.State.UNCLEAR, error="no answer", sent_at=None)
    address = path_of(hook_address("sms", "gateway"))
    client.post(address, {"message_id": "SM815", "status": "delivered"})
    message = message_of(sms_key)
    assert (message.state, message.error) == (Message.State.SENT, "")
    assert message.sent_at is not None
