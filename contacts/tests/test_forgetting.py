"""Who is erased goes from the refused rows of imports, and the files stay whole."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse

from contacts.erasure import erase_contacts
from contacts.imports import running
from contacts.imports.running import advance_imports
from contacts.imports.storing import refused_of
from contacts.models import Contact
from contacts.tests.importing import refused, settle
from contacts.tests.made import NOW, make_contact, make_field

pytestmark = pytest.mark.django_db

HEAD = "external_id,email,phone,age\n"


@pytest.fixture(autouse=True)
def age():
    make_field("age", "number")


def whys(client, one):
    """By line: whether the row has been erased."""
    return {row[0]: row[1].strip() == "Erased" for row in refused(client, one)[1:]}


def erase(key):
    return erase_contacts(contact_ids=[Contact.objects.get(external_id=key).pk])


def test_rows_that_name_an_erased_person_are_erased_and_others_stay(client, bring, run):
    make_contact("ann", email="ann@example.com", phone="+48600100200")
    rows = [
        "ann,,,many",  # 2: by external id
        "x,ANN@Example.com,,many",  # 3: by email, however it is written
        "y,,+48600100200,many",  # 4: by phone, which is escaped in the file
        "joann,joann@example.com,,many",  # 5: somebody else
        "z,z@example.com,,ann",  # 6: the value of another column
        "bob,bob@example.com,,1,2,3,ann",  # 7: cannot be read, and names her
        "cid,joann@example.com,,1,2,3",  # 8: cannot be read, and does not
    ]
    one = run(bring(HEAD + "\n".join(rows) + "\n"))
    size = refused_of(one).stat().st_size

    erase("ann")

    found = whys(client, one)
    assert found == {
        "2": True, "3": True, "4": True, "5": False, "6": False, "7": True, "8": False,
    }  # fmt: skip
    text = refused_of(one).read_text().lower()
    assert "ann@example.com" not in text.replace("joann@example.com", "")
    assert "48600100200" not in text
    assert refused_of(one).stat().st_size == size


def test_a_row_with_line_breaks_and_quotes_is_erased_whole(client, bring, run):
    make_contact("ann")
    lines = 'bob,,,"1\n2"\nann,"say ""hi""\nann","a\nb",many\ncid,,,many\n'

    one = run(bring(HEAD + lines))
    erase("ann")

    assert list(whys(client, one).values()) == [False, True, False]
    assert b"say" not in refused_of(one).read_bytes()


def test_a_row_of_json_that_cannot_be_read_is_looked_at_too(client, bring, run):
    make_contact("ann", email="ann@example.com")

    one = run(bring('{"external_id": "u1"}\n{"email": "ann@example.com", \n', "people.jsonl"))
    erase("ann")

    assert whys(client, one) == {"2": True}


def test_an_import_goes_on_behind_what_was_erased(client, bring, press, monkeypatch):
    monkeypatch.setattr(running, "BITE", 2)
    make_contact("ann")
    one = bring(HEAD + "ann,,,many\nbob,,,many\ncid,,,many\ndan,,,1\neve,,,many\n")
    press(one, "run")
    advance_imports(now=NOW)

    erase("ann")
    settle(one)

    assert one.state == "done"
    assert whys(client, one) == {"2": True, "3": False, "4": False, "6": False}


def test_an_erasure_that_comes_to_nothing_leaves_the_file_in_order(
    client, bring, press, monkeypatch
):
    monkeypatch.setattr(running, "BITE", 2)
    make_contact("ann")
    one = bring(HEAD + "ann,,,many\nbob,,,many\ncid,,,many\n")
    press(one, "run")
    advance_imports(now=NOW)

    with transaction.atomic():
        erase("ann")
        transaction.set_rollback(True)
    settle(one)

    assert Contact.objects.filter(external_id="ann").exists()
    assert whys(client, one) == {"2": True, "3": False, "4": False}


def test_files_that_are_gone_are_no_trouble(client, bring, run):
    make_contact("ann")
    one = run(bring(HEAD + "ann,,,many\n"))
    refused_of(one).unlink()

    assert erase("ann") == 1
    assert client.get(reverse("import_detail", args=[one.pk])).status_code == 200


def test_an_erased_row_that_is_brought_again_brings_nobody(client, bring, run):
    make_contact("ann")
    one = run(bring(HEAD + "ann,,,many\nbob,,,many\n"))
    erase("ann")

    again = run(bring(refused_of(one).read_bytes().replace(b"many", b"7")))

    assert set(Contact.objects.values_list("external_id", flat=True)) == {"bob"}
    assert again.refused == 1


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_for_the_rows_that_are_being_stored(client, bring, press):
    make_contact("ann")
    one = bring(HEAD + "ann,,,many\nbob,,,1\n")
    press(one, "run")
    erasing = Thread(target=_erase_apart, args=["ann"])

    with transaction.atomic():
        advance_imports(now=NOW)
        erasing.start()
        erasing.join(1)
        assert erasing.is_alive()
    erasing.join(30)

    assert not erasing.is_alive()
    assert whys(client, one) == {"2": True}
    assert list(Contact.objects.values_list("external_id", flat=True)) == ["bob"]


def _erase_apart(key):
    try:
        erase(key)
    finally:
        connection.close()
