"""Text messages and push messages."""

from __future__ import annotations

import json

import pytest

from campaigns.composing import CannotCompose, Order
from campaigns.keys import MessageKey
from campaigns.rendering.phones import phone_of
from campaigns.rendering.push import MOST_BYTES, trimmed
from campaigns.tests.composing import KEY, SeenLinks, compose, composer, person

pytestmark = pytest.mark.django_db


def sms(text, **changes):
    return compose({"text": text}, channel="sms", **changes)


def push(key=KEY, context=None, first_name="Ann", **content):
    return compose(
        {"title": "T", **content}, channel="push", key=key, context=context, first_name=first_name
    )


def test_links_of_text_messages_become_short_for_all_at_once():
    asked = []

    class Links(SeenLinks):
        def short(self, pairs):
            asked.append(list(pairs))
            return super().short(pairs)

    text = "Hi {{ contact.first_name }}: https://shop.example/?c={{ contact.id }}. Out: {{ unsubscribe_url }}"
    orders = [Order(person(n, id=n, first_name="<b>"), MessageKey(n, 3, 0)) for n in (1, 2)]
    made = composer("sms", {"text": text}, links=Links()).compose_many(orders)
    assert [one.text for one in made] == [
        "Hi <b>: https://t.example/0. Out: https://t.example/1",
        "Hi <b>: https://t.example/2. Out: https://t.example/3",
    ]
    assert len(asked) == 1
    assert (made[0].to, made[0].key) == ("+48600100200", orders[0].key)


def test_a_text_message_that_cannot_be_made_says_why():
    for changes, why in (({"phone": "12"}, "phone number"), ({"first_name": ""}, "empty")):
        with pytest.raises(CannotCompose, match=why):
            sms("{{ contact.first_name }}", **{"first_name": "x", **changes})


@pytest.mark.parametrize(("number", "e164"), [("600 100 200", "+48600100200"), ("0048600100200", "+48600100200"), ("+44 (20) 7946-0958", "+442079460958"), ("12", ""), ("x", ""), ("+0123456789", ""), ("", "")])  # fmt: skip
def test_phone_numbers_are_read_as_the_database_reads_them(number, e164):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT campaigns_phone(%s, '48')", [number])
        [stored] = cursor.fetchone()
    assert phone_of(number, "48") == (stored or "") == e164


def test_a_push_message_leads_to_a_tracked_address():
    found = push(
        title="Hi {{ contact.first_name }}\n<b>",
        body="B",
        url="https://shop.example/",
        icon="javascript:x",
    )
    assert (found.title, found.body, found.icon) == ("Hi Ann <b>", "B", "")
    assert found.url == "https://t.example/c/7?to=https://shop.example/"


@pytest.mark.parametrize("char", ["a", "ł", "👩‍👩‍👧", '"', "🇵🇱"])
def test_a_push_message_is_never_too_large(char):
    found = push(
        title=char * 400,
        body=char * 5000,
        url="https://shop.example/" + "x" * 1500,
        image="https://shop.example/" + "y" * 1500,
    )
    payload = {name: getattr(found, name) for name in ("title", "body", "url", "icon", "image")}
    assert len(json.dumps(payload, ensure_ascii=False).encode()) <= MOST_BYTES
    assert not found.body or found.body.endswith("…")
    assert found.url


def test_a_text_is_cut_between_characters_as_people_see_them():
    family, flag, accent = "👩‍👩‍👧", "🇵🇱", "e\u0301"
    assert trimmed(family * 4, longest=3) == family * 2 + "…"
    assert trimmed(flag * 4, longest=3) == flag * 2 + "…"
    assert trimmed(accent * 4, longest=3) == accent * 2 + "…"
    assert trimmed("👍🏽" * 3, longest=3) == "👍🏽" * 3
    assert trimmed("abc", longest=3) == "abc"


def test_a_push_message_without_a_title_is_not_sent():
    with pytest.raises(CannotCompose, match="title"):
        push(title="{{ contact.nothing }}")
