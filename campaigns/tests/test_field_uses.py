"""Fields say which campaigns name them, so that none goes that a message needs."""

from __future__ import annotations

import pytest

from campaigns.field_uses import fields_in
from campaigns.models import Campaign
from contacts.usage import uses_by_key, uses_of

pytestmark = pytest.mark.django_db

BLOCKS = {
    "subject": "For {{ contact.first_name | default: 'you' }}",
    "blocks": [
        {"kind": "text", "text": "{% if contact['Status_VIP'] == 'Gold' %}{{ event.type }}{% endif %}"},
        {"kind": "button", "url": "https://shop.example/{{ contact.city }}", "text": "contact.email"},
    ],
}  # fmt: skip


def test_every_template_of_a_content_is_read():
    assert fields_in(BLOCKS) == {"first_name", "Status_VIP", "city"}


def test_what_cannot_be_read_or_is_another_variable_names_no_field():
    assert (
        fields_in({"text": "{{ contact.", "source": "{{ contact }} {{ my.contact.city }}"}) == set()
    )


def test_campaigns_that_may_send_keep_their_fields_and_drafts_say_so():
    Campaign.objects.create(name="Idea", channel="email", content=BLOCKS)
    Campaign.objects.create(name="Past", channel="email", content=BLOCKS, status="done")
    Campaign.objects.create(
        name="On", channel="sms", status="live", frozen={"content": {"text": "{{ contact.city }}"}}
    )

    assert [use.name for use in uses_of("field", "city")] == ["Campaign On"]
    assert [use.name for use in uses_by_key("field", ["city"])["city"]] == [
        "Campaign Idea",
        "Campaign On",
    ]
    assert uses_of("event", "city") == []
