"""Many rows at once do what they do one after the other, whatever they have to do with each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, Field, Identity, PendingMark
from contacts.rows import ContactRow
from contacts.services import upsert_contacts

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db

# So few values that rows are often about the same contact, or about each other's.
names = {
    "external_id": st.sampled_from(["", "u1", "u2", "u3"]),
    "email": st.sampled_from(["", "ann@example.com", "ANN@example.com", "bob@example.com"]),
    "phone": st.sampled_from(["", "+47 1", '"\\,{}']),
    "city": st.sampled_from(["", "Oslo", "Łódź", "a\nb"]),
}
rows = st.builds(
    ContactRow,
    id=st.none(),
    built_in=st.fixed_dictionaries({}, optional=names),
    attributes=st.fixed_dictionaries(
        {}, optional={"Score": st.sampled_from([None, 1, 2, "no number"])}
    ),
    anonymous_id=st.sampled_from(["", "", "", "a1", "a2"]),
    found_by=st.sampled_from(["", "", "external_id", "email"]),
)
many = st.lists(rows, max_size=8)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=many, sent=many)
def test_a_batch_does_what_its_rows_do_one_by_one(before, sent):
    at_once, first = stored_by([before, sent])
    one_by_one, second = stored_by([[row] for row in [*before, *sent]])

    assert at_once == one_by_one
    assert first == second


def stored_by(batches):
    """What is there afterwards, with contacts numbered as they came; and what was answered."""
    forget()
    Field.objects.create(key="Score", type="number")
    answers = []
    known: dict[int, int] = {}
    for batch in batches:
        result = upsert_contacts(rows=batch, now=NOW)
        for index, contact_id in enumerate(result.contact_ids):
            problems = result.errors.get(index, [])
            number = known.setdefault(contact_id, len(known)) if contact_id else None
            answers.append((number, [(problem.path, problem.code) for problem in problems]))
    contacts = {
        known[one.pk]: (one.external_id, one.email, one.phone, one.city, one.attributes)
        for one in Contact.objects.all()
    }
    identities = {(one.kind, one.value): known[one.contact_id] for one in Identity.objects.all()}
    marked = {known[one.contact_id] for one in PendingMark.objects.all()}
    assert marked == set(contacts)
    return (contacts, identities), answers


def forget():
    for model in (Contact, Identity, PendingMark, Field):
        model.objects.all().delete()
