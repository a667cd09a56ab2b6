"""Who delivers messages of a channel: what is set, checked, kept secret and read again."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.channels.models import Way
from campaigns.channels.secrets import Unreadable, seal, unseal
from campaigns.channels.ways import set_way, way_of, way_problems
from campaigns.push.vapid import signing_key
from contacts.problems import Refused
from segmentflow.audit.models import AuditEntry

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def said(channel, adapter, **raw):
    with pytest.raises(Refused) as refused:
        set_way(channel=channel, adapter=adapter, raw=raw, now=NOW)
    assert not Way.objects.exists()
    return {problem.path: problem.message for problem in refused.value.problems}


def test_nothing_was_set_so_messages_stay_in_the_outbox():
    assert way_of("email").is_outbox
    assert way_problems("email") == []


def test_secrets_are_read_with_the_same_key_only(settings):
    sealed = seal({"password": "geheim"})
    assert "geheim" not in sealed
    assert unseal(sealed) == {"password": "geheim"}
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(Unreadable):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == {"password": "geheim"}


def test_the_environment_names_keys_from_before():
    code = "from segmentflow import settings; print(settings.SECRET_KEY_FALLBACKS)"
    environment = os.environ | {"SECRET_KEY_FALLBACKS": "old, older"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == "['old', 'older']\n"


def test_stored_secrets_can_do_without_the_key_from_before(settings):
    signing_key(now=NOW)  # makes one
    Way.objects.create(channel="email", adapter="smtp", secrets=seal({"password": "geheim"}))
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(CommandError, match="2 secrets can be read with none"):
        call_command("seal_anew", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = [old]
    call_command("seal_anew", stdout=(said := StringIO()))
    assert said.getvalue().startswith("2 secrets encrypted")
    assert AuditEntry.objects.get().said == "2 passwords encrypted with the present secret key"
    settings.SECRET_KEY_FALLBACKS = []
    assert way_of("email").secrets == {"password": "geheim"}
    assert signing_key(now=NOW)
    call_command("seal_anew", stdout=(said := StringIO()))
    assert "2 were already" in said.getvalue()


@pytest.mark.parametrize("rubbish", ["rubbish", "ż", "gAAAA"])
def test_damaged_secrets_are_unreadable_and_no_error(rubbish):
    with pytest.raises(Unreadable):
        unseal(rubbish)


def test_what_is_entered_is_checked_with_sentences():
    assert said("email", "carrier pigeon") == {"adapter": "Choose who delivers from the list."}
    assert said("email", "outbox", sender_address="nobody", per_second="0") == {
        "sender_address": "That is no email address.",
        "per_second": "Write a whole number from 1 to 10,000, or nothing.",
    }
    assert "Line breaks" in said("email", "outbox", sender_name="A\r\nBcc: b")["sender_name"]
    assert said("sms", "outbox", country_code="+48") == {
        "country_code": "Write digits only, without + and leading zeros."
    }


def test_the_sender_is_written_as_mail_programs_need_it():
    raw = {"sender_name": "Müller, Söhne", "sender_address": "shop@example.com", "per_second": "50"}
    set_way(channel="email", adapter="outbox", raw=raw, now=NOW)
    way = way_of("email")
    assert way.sender == "=?utf-8?b?TcO8bGxlciwgU8O2aG5l?= <shop@example.com>"
    assert way.per_second == 50
