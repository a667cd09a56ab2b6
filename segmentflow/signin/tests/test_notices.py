"""Who did not do it themselves learns of it by mail."""

from __future__ import annotations

import pytest

from campaigns.channels.models import OutboxMessage
from segmentflow.clock import current_time
from segmentflow.pages.notices import PASSWORD, send

pytestmark = pytest.mark.django_db


def test_a_mail_tells_what_was_changed_when_and_from_where():
    place = "Firefox on Linux, 192.0.2.7"

    send(what=PASSWORD, to="mark@example.com", name="Mark", at=current_time(), place=place)

    mail = OutboxMessage.objects.get()
    assert mail.address == "mark@example.com"
    assert "Your password was changed" in mail.text
    assert place in mail.text
    assert "/account/security" in mail.html
