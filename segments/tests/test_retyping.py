"""Segments while a field gets another type: exact at every moment, or the change is refused."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.fields import create_field
from contacts.models import Contact, Field
from contacts.problems import Conflict
from contacts.retyping import running, services
from contacts.retyping.hooks import objections
from contacts.retyping.running import advance
from contacts.retyping.services import begin_change, cancel_change, check_change
from contacts.rows import ContactRow
from contacts.services import upsert_contacts
from segments.builder.drafts import open_draft, save_step
from segments.engine.check import check
from segments.engine.settle import settle
from segments.models import Membership, Rebuild
from segments.tests.made import NOW, in_segment, make_segment, make_user

pytestmark = pytest.mark.django_db


def where(operator, value=None, field="age"):
    child = {"kind": "field", "field": field, "operator": operator}
    if value is not None:
        child["value"] = value
    return {"kind": "group", "match": "all", "children": [child]}


def store(**people):
    rows = [
        ContactRow(built_in={"external_id": name}, attributes={"age": value})
        for name, value in people.items()
    ]
    result = upsert_contacts(rows=rows, now=NOW)
    assert not result.errors


def changed(type_="number", *, removes=True, style=""):
    field = Field.objects.get(key="age")
    change = check_change(field=field, type_=type_, style=style, author=None, now=NOW)
    finish(change)
    begin_change(change=change, removes=removes, now=NOW)
    return change


def finish(change):
    while advance(change.pk, now=NOW):
        pass
    change.refresh_from_db()


def members(key):
    found = Membership.objects.filter(segment__key=key)
    return sorted(found.values_list("contact__external_id", flat=True))


@pytest.fixture
def age(monkeypatch):
    monkeypatch.setattr(running, "BITE", 2)
    monkeypatch.setattr(services, "PATIENCE", 0)
    field = create_field(raw={"key": "age", "type": "text"}, now=NOW)
    store(a="12", b="many", c="7", d="x")
    return field


def test_members_follow_what_was_removed(age):
    make_segment("known", where("is_set"))
    settle(now=NOW)
    assert members("known") == ["a", "b", "c", "d"]

    change = changed()
    settle(now=NOW)

    assert members("known") == ["a", "c"]
    finish(change)
    settle(now=NOW)
    assert members("known") == ["a", "c"]
    assert check(now=NOW) == []


def test_members_follow_what_was_put_back(age):
    make_segment("known", where("is_set"))
    make_segment("through", in_segment("known"))
    settle(now=NOW)
    change = changed()
    settle(now=NOW)
    assert members("through") == ["a", "c"]

    cancel_change(change=change, now=NOW)
    settle(now=NOW)
    finish(change)

    assert members("through") == members("known") == ["a", "b", "c", "d"]
    assert check(now=NOW) == []


def test_a_definition_is_read_anew_with_the_new_type(age):
    store(a=None, b="2026-01-01", c=None, d="2026-01-02")
    finish(changed("date", removes=False, style="ymd"))
    make_segment("day", where("on", "2026-01-01"))
    settle(now=NOW)
    assert members("day") == ["b"]

    finish(changed("datetime", removes=False))
    store(a="2026-01-01T12:00:00Z")
    settle(now=NOW)

    assert Field.objects.get(key="age").type == "datetime"
    assert members("day") == ["a", "b"]
    assert check(now=NOW) == []


def test_a_live_segment_that_would_make_no_sense_forbids_the_change(age):
    make_segment("manies", where("equals", "many"))

    [said] = objections("age", "number")

    assert (said.name, said.url, said.is_draft) == ("Manies", "/segments/manies", False)
    assert said.problem
    with pytest.raises(Conflict, match="“Manies”"):
        changed()
    assert Field.objects.get(key="age").type == "text"


def test_a_draft_that_would_make_no_sense_is_named_and_forbids_nothing(age):
    segment = make_segment("plain")
    opened = open_draft(segment=segment)
    save_step(
        segment=segment,
        revision=opened.revision,
        tree=where("equals", "many"),
        label="x",
        person=make_user("Admins"),
        now=NOW,
    )

    [said] = objections("age", "number")

    assert (said.name, said.is_draft) == ("Plain", True)
    finish(changed())
    assert Field.objects.get(key="age").type == "number"


def test_who_uses_the_new_type_already_keeps_it_from_being_put_back(age):
    change = changed()
    make_segment("old", where("at_least", 10))

    with pytest.raises(Conflict, match="“Old”"):
        cancel_change(change=change, now=NOW)
    finish(change)
    settle(now=NOW)

    assert members("old") == ["a"]
    assert check(now=NOW) == []


def test_segments_that_do_not_depend_on_it_are_left_alone(age):
    make_segment("everyone")
    settle(now=NOW)
    before = Rebuild.objects.count()

    finish(changed())

    assert Rebuild.objects.count() == before


VALUES = st.sampled_from(["12", "7.5", "many", "", "yes", "2026-01-01", "a;b", None])
STEP = st.sampled_from(["advance", "settle", "write", "cancel"])


class TestAnyOrder(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        people=st.lists(VALUES, min_size=1, max_size=5),
        type_=st.sampled_from(["number", "boolean", "date", "list"]),
        steps=st.lists(STEP, max_size=8),
    )
    def test_members_are_those_computed_from_nothing(self, people, type_, steps):
        create_field(raw={"key": "age", "type": "text"}, now=NOW)
        names = {f"p{place}": value for place, value in enumerate(people)}
        store(**names)
        make_segment("known", where("is_set"))
        make_segment("unknown", where("is_not_set"))
        settle(now=NOW)
        originals = {one.pk: one.attributes.get("age") for one in Contact.objects.all()}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(running, "BITE", 1)
            patched.setattr(services, "PATIENCE", 0)
            style = {"date": "ymd", "number": "plain", "list": ";"}.get(type_, "")
            change = changed(type_, style=style)
            was_written = self.walk(change, steps)
            finish(change)
        settle(now=NOW)

        assert check(now=NOW) == []
        if change.state == "cancelled" and not was_written:
            now = {one.pk: one.attributes.get("age") for one in Contact.objects.all()}
            assert now == originals

    def walk(self, change, steps):
        new = {"number": 5, "boolean": True, "date": "2026-05-05", "list": ["z"]}
        was_written = False
        for step in steps:
            if step == "advance":
                advance(change.pk, now=NOW)
            elif step == "settle":
                settle(now=NOW)
                assert check(now=NOW) == []
            elif step == "write":
                type_ = Field.objects.get(key="age").type
                store(p0=new.get(type_, "typed"))
                was_written = True
            else:
                change.refresh_from_db()
                if change.state == "converting":
                    cancel_change(change=change, now=NOW)
        return was_written


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_lose_nothing(age, monkeypatch):
    make_segment("known", where("is_set"))
    settle(now=NOW)
    store(b="1", d="2", **{f"w{n}": str(n) for n in range(30)})
    refused = []

    def write(worker):
        try:
            for n in range(40):
                name = f"w{(worker * 7 + n) % 30}"
                for value in (str(n), n):
                    row = ContactRow(built_in={"external_id": name}, attributes={"age": value})
                    result = upsert_contacts(rows=[row], now=NOW)
                    if not result.errors:
                        break
                else:
                    refused.append((name, n))
        finally:
            connections.close_all()

    writers = [Thread(target=write, args=[worker]) for worker in range(3)]
    for writer in writers:
        writer.start()
    change = changed(removes=False, style="plain")
    finish(change)
    for writer in writers:
        writer.join()
    settle(now=NOW)

    assert (change.state, refused) == ("done", [])
    ages = Contact.objects.values_list("attributes__age", flat=True)
    assert all(isinstance(value, int | float) for value in ages)
    assert len(ages) == 34
    assert check(now=NOW) == []
