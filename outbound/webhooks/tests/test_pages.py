"""The pages of webhooks: made, looked at, changed, paused, tested, sent again, deleted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.channels.tests.servers import Reply
from contacts.usage import uses_by_key
from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove
from outbound.webhooks.signing import secrets_of
from outbound.webhooks.tests.made import NOW, make_webhook, send, turn
from segmentflow.clock import current_time
from segmentflow.roles import ADMINS
from segments.tests.made import make_user
from segments.usage import uses_of_segment

pytestmark = pytest.mark.django_db
STATE = WebhookDelivery.State


@pytest.fixture
def admin(client):
    client.force_login(make_user(ADMINS))
    return client


def found_in(response, pattern):
    found = re.search(pattern, response.content.decode())
    assert found
    return found[1]


def filled(receiver, **values):
    return {
        "name": "Shop",
        "url": receiver.address,
        "scope": "chosen",
        "segments": ["gold"],
        "on_entering": "on",
        "fields_told": ["email"],
        "most_moves": "50",
        "wait_ms": "0",
    } | values


def test_the_secret_is_shown_once(admin, gold, receiver):
    response = admin.post(reverse("webhook_new"), filled(receiver))
    secret = found_in(response, r"(whsec_[A-Za-z0-9+/=]+)")

    webhook = Webhook.objects.get()
    assert secrets_of(webhook, now=NOW) == [secret]
    assert (webhook.on_entering, webhook.on_leaving, webhook.fields) == (True, False, ["email"])
    assert "no-store" in response["Cache-Control"]
    for name in ("webhook_detail", "webhook_edit"):
        page = admin.get(reverse(name, args=[webhook.pk]))
        assert page.status_code == 200
        assert secret not in page.content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://10.0.0.1/"}, "is in a private network"),
        ({"url": "https://example.com/\0"}, "Null characters are not allowed"),
        ({"url": "no address"}, "Enter an address such as"),
        ({"segments": []}, "Choose at least one segment"),
        ({"segments": ["gone"]}, "is not one of the available choices"),
        ({"on_entering": ""}, "Tell of contacts who enter"),
        ({"fields_told": ["attributes.gone"]}, "is not one of the available choices"),
        ({"most_moves": "99999999999999999999"}, "less than or equal to 1000"),
        ({"name": " "}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_at_its_control(admin, gold, receiver, wrong, said):
    response = admin.post(reverse("webhook_new"), filled(receiver, **wrong))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Webhook.objects.exists()


def test_two_webhooks_have_two_names(admin, gold, receiver):
    make_webhook(receiver.address, "gold")
    response = admin.post(reverse("webhook_new"), filled(receiver))
    assert response.status_code == 422
    assert "Another webhook has this name" in response.content.decode()


def test_a_change_holds_from_the_next_request_on(admin, gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, "gold")
    turn("anna")
    values = filled(receiver, name="CRM", url=f"{receiver.address}/new", scope="every")
    response = admin.post(reverse("webhook_edit", args=[webhook.pk]), values)
    assert response.status_code == 302
    send(clock)
    [request] = receiver.requests
    assert request.path == "/new"
    assert list(request.json()["moves"][0]["contact"]) == ["id", "email"]
    webhook.refresh_from_db()
    assert webhook.every_segment
    assert not webhook.chosen.exists()


def test_the_page_says_how_it_stands_and_what_was_sent(admin, gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, "gold")
    page = reverse("webhook_detail", args=[webhook.pk])
    assert "Nothing sent yet" in admin.get(page).content.decode()
    receiver.say(Reply(503, b"<i>later</i>"))
    turn("anna")
    for _ in range(6):
        send(clock)
        clock.move(hours=5)
    shown = admin.get(page).content.decode()
    assert "The receiver takes nothing since" in shown
    assert "The circuit is open" in shown
    assert "Send the one that failed again" in " ".join(re.sub("<[^>]+>", "", shown).split())
    assert "Not answering" in admin.get(reverse("webhook_list")).content.decode()
    narrowed = admin.get(reverse("webhook_list") + "?state=working&q=Sho").content.decode()
    assert "No such webhook" in narrowed

    [delivery] = WebhookDelivery.objects.all()
    one = admin.get(reverse("webhook_delivery", args=[webhook.pk, delivery.pk]))
    assert "&lt;i&gt;later&lt;/i&gt;" in one.content.decode()
    assert "anna@example.com" in one.content.decode()
    assert (
        admin.get(reverse("webhook_delivery", args=[webhook.pk + 1, delivery.pk])).status_code
        == 404
    )

    receiver.say(Reply())
    for name, args in (("deliveries_again", []), ("delivery_again", [delivery.pk])):
        admin.post(reverse(name, args=[webhook.pk, *args]))
        clock.at = current_time()  # pages have the real one
        send(clock)
    delivery.refresh_from_db()
    assert delivery.state == STATE.DELIVERED
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert "Working" in admin.get(page).content.decode()


def test_it_is_paused_resumed_tried_and_tested_by_buttons(admin, gold, receiver):
    webhook, _ = make_webhook(receiver.address, "gold")
    admin.post(reverse("webhook_pause", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert webhook.paused_at is not None
    response = admin.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    assert "The test arrived: answered 200" in response.content.decode()
    admin.post(reverse("webhook_resume", args=[webhook.pk]))
    admin.post(reverse("webhook_try", args=[webhook.pk]))
    assert Webhook.objects.filter(paused_at=None, again_at=None).count() == 1
    receiver.say(Reply(500))
    response = admin.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    assert "The test did not arrive" in response.content.decode()
    webhook.refresh_from_db()
    assert webhook.failures == 0


def test_a_delivery_can_be_set_aside_on_its_page(admin, gold, receiver, clock):
    webhook, _ = make_webhook(receiver.address, "gold")
    receiver.say(Reply(400))
    turn("anna")
    send(clock)
    [delivery] = WebhookDelivery.objects.all()
    address = reverse("delivery_aside", args=[webhook.pk, delivery.pk])
    admin.post(address)
    delivery.refresh_from_db()
    assert delivery.state == STATE.FAILED
    response = admin.post(address, follow=True)
    assert "does not wait any more" in response.content.decode()


def test_deleting_says_what_is_lost(admin, gold, receiver):
    webhook, _ = make_webhook(receiver.address, "gold")
    turn("anna")
    address = reverse("webhook_delete", args=[webhook.pk])
    assert "1 move that it was not told of yet" in admin.get(address).content.decode()
    admin.post(address)
    assert not Webhook.objects.exists()
    assert not WebhookMove.objects.exists()
    assert admin.post(address).status_code == 404


def test_a_segment_and_a_field_say_which_webhooks_use_them(admin, gold, receiver):
    make_webhook(receiver.address, "gold", fields=["attributes.tier"])
    make_webhook(receiver.address, name="All")
    assert [use.name for use in uses_of_segment("gold")] == ["Webhook Shop"]
    of_field = [use.name for use in uses_by_key("field", ["tier"])["tier"]]
    assert of_field == ["Gold", "Webhook Shop"]
    page = admin.get(reverse("segment_detail", args=["gold"])).content.decode()
    assert "Webhook Shop" in page


def test_the_log_costs_the_same_however_long_it_is(
    admin, gold, receiver, django_assert_max_num_queries
):
    webhook, _ = make_webhook(receiver.address, "gold")
    page = reverse("webhook_detail", args=[webhook.pk])
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, made_at=NOW, since=NOW, state=number % 3)
        for number in range(100)
    )
    with django_assert_max_num_queries(14):
        shown = admin.get(page)
    following = found_in(shown, r'id="next-page"[^>]*href="([^"]+)"')
    assert admin.get(page + following.replace("&amp;", "&")).status_code == 200
    for query in (
        "?after=x",
        "?after=9" + "9" * 30,
        "?state=nothing",
        "?before=1",
        "?state=failed",
    ):
        assert admin.get(page + query).status_code == 200


@pytest.mark.parametrize(
    ("minutes", "paused", "is_told"), [(11, False, True), (9, False, False), (11, True, False)]
)
def test_a_receiver_that_fails_for_long_is_told_among_what_is_wrong(
    admin, gold, receiver, minutes, paused, is_told
):
    make_webhook(receiver.address)
    make_webhook(receiver.address, name="Well")
    now = current_time()
    Webhook.objects.filter(name="Shop").update(
        troubled_since=now - timedelta(minutes=minutes), paused_at=now if paused else None
    )

    text = admin.get("/settings/status").content.decode()

    assert ("The webhook “Shop” cannot be delivered." in text) == is_told
    assert "“Well”" not in text
