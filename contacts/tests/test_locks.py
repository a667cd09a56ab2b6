"""Contacts that are held: from whom, and from whom not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from contacts.locks import SLOTS, hold_rows_of, keep_rows_of
from contacts.models import Contact

Holds = Callable[[list[int]], list[int]]


def in_another_session(hold: Holds, contact: Contact) -> str:
    """What came of it for who does not want to wait."""

    def tried() -> str:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                return "held" if hold([contact.pk]) else "nobody there"
        except OperationalError:
            return "waited"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(tried).result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_who_is_to_stay_is_shared_by_all_who_store_something_and_kept_from_who_erases():
    ann, bob = (Contact.objects.create(external_id=name) for name in ("ann", "bob"))

    with transaction.atomic():
        keep_rows_of([ann.pk])
        assert in_another_session(keep_rows_of, ann) == "held"
        assert in_another_session(hold_rows_of, ann) == "waited"
        assert in_another_session(hold_rows_of, bob) == "held"
    assert in_another_session(hold_rows_of, ann) == "held"


@pytest.mark.django_db(transaction=True)
def test_who_is_being_erased_is_waited_for_and_is_nobody_then():
    ann, bob = (Contact.objects.create(external_id=name) for name in ("ann", "bob"))

    with transaction.atomic():
        hold_rows_of([ann.pk])
        assert in_another_session(keep_rows_of, ann) == "waited"
        assert in_another_session(keep_rows_of, bob) == "held"
        Contact.objects.filter(pk=ann.pk).delete()
    assert in_another_session(keep_rows_of, ann) == "nobody there"


@pytest.mark.django_db
def test_slots_that_are_missing_are_said():
    ann = Contact.objects.create(external_id="ann")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_slot WHERE id = %s", [ann.pk % SLOTS])

    with pytest.raises(RuntimeError, match="contacts_slot has not all of its 65,536 rows"):
        keep_rows_of([ann.pk])
