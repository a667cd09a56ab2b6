"""Another type for a field: what converts, what does not, and that nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import assume, given
from hypothesis import strategies as st

from contacts.erasure import erase_contacts
from contacts.fields import delete_field
from contacts.files.cells import Unfit
from contacts.merging import merge_contacts
from contacts.models import Contact, ContactImport, Field
from contacts.problems import Conflict, Refused
from contacts.retyping import running, services
from contacts.retyping.converting import TARGETS, as_text, back, converter, fits
from contacts.retyping.hooks import Dependant, Objection
from contacts.retyping.models import FieldChange, FieldTurn, OldValue
from contacts.retyping.running import advance, advance_changes, is_work
from contacts.retyping.services import begin_change, cancel_change, check_change
from contacts.retyping.settling import hold_values
from contacts.rows import ContactRow
from contacts.selectors import contact_by_id
from contacts.services import upsert_contacts
from contacts.tests.made import HTMX, NOW, make_contact, make_field
from contacts.values import wrong_value

UTC = ZoneInfo("UTC")
State = FieldChange.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def step_by_step(monkeypatch):
    """Nothing is done while somebody waits, and two contacts at a time."""
    monkeypatch.setattr(services, "PATIENCE", 0)
    monkeypatch.setattr(running, "BITE", 2)


@pytest.fixture
def age():
    """A text that three of four contacts have a number in."""
    field = make_field("age", choices=["12", "many"])
    for name, value in {"a": "12", "b": "1.50", "c": "many", "d": "12"}.items():
        make_contact(name, age=value)
    make_contact("e")
    return field


def checked(field, type_="number", style="plain"):
    change = check_change(field=field, type_=type_, style=style, author=None, now=NOW)
    finish(change)
    return change


def begin(change, *, removes=False):
    begin_change(change=change, removes=removes, now=NOW)


def finish(change):
    while advance(change.pk, now=NOW):
        pass
    change.refresh_from_db()


def values(key="age"):
    found = Contact.objects.order_by("external_id")
    read = [contact_by_id(one.pk) for one in found]
    return [one["attributes"].get(key) for one in read if one]


def stored(key="age"):
    return [one.attributes.get(key) for one in Contact.objects.order_by("external_id")]


def type_of(key="age"):
    return Field.objects.get(key=key).type


@pytest.mark.parametrize(
    ("before", "after", "style", "value", "expected"),
    [
        ("text", "number", "plain", "12.50", Decimal("12.50")),
        ("text", "number", "european", "1.234,5", Decimal("1234.5")),
        ("text", "number", "english", "1,234", 1234),
        ("text", "boolean", "", "Yes", True),
        ("text", "boolean", "", " 0 ", False),
        ("text", "date", "dmy", "03/04/2026", "2026-04-03"),
        ("text", "date", "mdy", "03/04/2026", "2026-03-04"),
        ("text", "date", "dmy", "2026-04-03", "2026-04-03"),
        ("text", "datetime", "ymd", "2026-04-03T09:00:00Z", "2026-04-03T09:00:00Z"),
        ("text", "list", ",", "a, b,,c", ["a", "b", "c"]),
        ("list", "text", ";", ["a", "b"], "a; b"),
        ("list", "text", "\n", ["a", "b"], "a\nb"),
        ("number", "text", "", Decimal("0.10"), "0.10"),
        ("number", "boolean", "", 1, True),
        ("number", "date", "serial", 45000, "2023-03-15"),
        ("number", "list", "", 3, ["3"]),
        ("boolean", "text", "", False, "false"),
        ("boolean", "number", "", True, 1),
        ("date", "datetime", "", "2026-04-03", "2026-04-03"),
        ("date", "text", "", "2026-04-03", "2026-04-03"),
        ("datetime", "date", "", "2026-04-03T23:30:00Z", "2026-04-04"),
        ("datetime", "date", "", "2026-04-03T23:30:00", "2026-04-03"),
    ],
)
def test_a_value_is_converted(before, after, style, value, expected):
    convert = converter(before, after, style, zone=ZoneInfo("Europe/Warsaw"))

    found = convert(value)

    assert (found, type(found)) == (expected, type(expected))
    assert convert(found) == found


@pytest.mark.parametrize(
    ("before", "after", "style", "value"),
    [
        ("text", "number", "plain", "1,5"),
        ("text", "number", "plain", ""),
        ("text", "number", "plain", "1e500"),
        ("text", "boolean", "", "maybe"),
        ("text", "date", "dmy", "13/13/2026"),
        ("text", "date", "ymd", "2026-04-03T09:00:00"),
        ("number", "boolean", "", 2),
        ("list", "text", ";", ["x" * 6_000, "y" * 6_000]),
    ],
)
def test_a_value_that_makes_no_sense_is_not_converted(before, after, style, value):
    with pytest.raises(Unfit):
        converter(before, after, style, zone=UTC)(value)


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
VALUES = {
    "text": TEXTS | st.sampled_from(["12", "1,5", "yes", "03/04/2026", "2026-04-03", "a;b"]),
    "number": st.integers(-100_000, 100_000)
    | st.decimals(-1_000, 1_000, places=2, allow_nan=False).map(Decimal),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.datetimes()
    .map(lambda at: at.isoformat()[:19])
    .filter(lambda text: text > "0002"),
    "list": st.lists(TEXTS, max_size=4),
}
PAIRS = [(old, new, style) for old in TARGETS for new in TARGETS[old] for style in TARGETS[old][new] or [""]]  # fmt: skip


@given(st.sampled_from(PAIRS).flatmap(lambda pair: st.tuples(st.just(pair), VALUES[pair[0]])))
def test_what_is_converted_is_of_the_new_type_and_stays_so(pair_and_value):
    (before, after, style), value = pair_and_value
    convert = converter(before, after, style, zone=UTC)
    assume(fits(convert, value))

    found = convert(value)

    assert wrong_value(found, after) is None
    assert convert(found) == found


@given(VALUES["number"] | VALUES["boolean"] | VALUES["date"])
def test_a_text_made_of_a_value_can_be_read_back(value):
    type_ = {bool: "boolean", str: "date"}.get(type(value), "number")
    text = converter(type_, "text", "", zone=UTC)(value)

    assert text == as_text(value)
    assert back(type_, "text", "", zone=UTC)(text) == value


def test_a_check_says_what_converts_and_who_has_what_does_not(age):
    change = checked(age)

    assert (change.state, change.fit, change.unfit, change.kinds) == (State.READY, 3, 1, 1)
    [problem] = change.problems
    assert problem["value"] == "many"
    assert problem["contacts"] == [Contact.objects.get(external_id="c").pk]
    assert "no number" in problem["why"]
    assert change.examples[0] == {"before": "12", "after": 12}
    assert (type_of(), values()) == ("text", ["12", "1.50", "many", "12", None])


def test_values_that_can_be_read_in_two_ways_have_to_be_decided():
    field = make_field("born")
    make_contact("a", born="03/04/2026")

    with pytest.raises(Refused, match="“03/04/2026” can be read in more than one way"):
        check_change(field=field, type_="date", style="", author=None, now=NOW)

    make_contact("b", born="25/06/2026")
    assert check_change(field=field, type_="date", style="", author=None, now=NOW).style == "dmy"


def test_nothing_begins_while_a_value_does_not_convert(age):
    with pytest.raises(Conflict, match="do not convert"):
        begin(checked(age))

    assert type_of() == "text"


def test_values_that_do_not_convert_are_removed_when_that_is_chosen(age):
    change = checked(age)
    begin(change, removes=True)
    finish(change)

    assert (change.state, change.fit, change.unfit) == (State.DONE, 3, 1)
    assert (type_of(), stored()) == ("number", [12, 1.50, None, 12, None])
    assert values()[1] == Decimal("1.50")
    assert Field.objects.get().choices == [12]


def test_values_that_all_convert_are_looked_at_once_more_and_then_converted(age):
    make_contact("c", age="13")
    change = checked(age)
    begin(change)
    assert (change.refresh_from_db(), change.state, type_of())[1:] == (State.CONFIRMING, "text")

    finish(change)

    assert (change.state, change.fit, type_of()) == (State.DONE, 4, "number")
    assert stored() == [12, 1.5, 13, 12, None]


def sent(**attributes):
    row = ContactRow(built_in={"external_id": "f"}, attributes=attributes)
    return upsert_contacts(rows=[row], now=NOW).errors.get(0, [])


def test_what_arrives_while_all_are_looked_at_has_to_convert_too(age):
    make_contact("c", age="13")
    change = checked(age)
    begin(change)

    [problem] = sent(age="lots")

    assert problem.code == "type_changing"
    assert "changing to “Number” just now. “lots” is no number" in problem.message
    assert not sent(age="14")
    finish(change)
    assert stored() == [12, 1.5, 13, 12, None, 14]


def test_a_value_that_came_between_check_and_beginning_stops_it(age):
    make_contact("c", age="13")
    change = checked(age)
    sent(age="lots")
    begin(change)
    finish(change)

    assert (change.state, change.unfit, type_of()) == (State.READY, 1, "text")
    assert "Meanwhile" in change.note
    assert change.problems[0]["value"] == "lots"
    assert not sent(age="even more")


def test_once_begun_the_new_type_is_the_one_that_is_taken(age):
    change = checked(age)
    begin(change, removes=True)

    assert type_of() == "number"
    assert sent(age="14")[0].code == "wrong_type"
    assert not sent(age=14)
    assert values() == [12, Decimal("1.50"), None, 12, None, 14]
    finish(change)
    assert stored() == [12, 1.5, None, 12, None, 14]


@pytest.mark.parametrize("steps", range(6))
def test_giving_up_at_any_step_puts_everything_back(age, steps):
    before = stored()
    change = checked(age)
    begin(change, removes=True)
    for _ in range(steps):
        advance(change.pk, now=NOW)
    change.refresh_from_db()
    if change.state == State.DONE:
        with pytest.raises(Conflict):
            cancel_change(change=change, now=NOW)
        return

    cancel_change(change=change, now=NOW)
    finish(change)

    assert (change.state, type_of(), stored()) == (State.CANCELLED, "text", before)
    assert Field.objects.get().choices == ["12", "many"]


@pytest.mark.parametrize("steps", range(4))
def test_giving_up_before_it_is_begun_leaves_all_alone(age, steps):
    make_contact("c", age="13")
    change = check_change(field=age, type_="number", style="plain", author=None, now=NOW)
    for _ in range(steps):
        advance(change.pk, now=NOW)
    change.refresh_from_db()
    if change.state == State.READY:
        begin(change)
        change.refresh_from_db()

    cancel_change(change=change, now=NOW)

    change.refresh_from_db()
    assert (change.state, type_of()) == (State.CANCELLED, "text")
    assert not sent(age="lots")


def test_what_arrived_in_the_new_type_is_kept_in_the_old_one(age):
    change = checked(age)
    begin(change, removes=True)
    advance(change.pk, now=NOW)
    make_contact("a", age=99)
    make_contact("d", age=None)
    cancel_change(change=change, now=NOW)
    finish(change)

    assert stored() == ["99", "1.50", "many", None, None]


def test_a_change_goes_on_after_a_crash_in_a_bite(age, monkeypatch):
    change = checked(age)
    begin(change, removes=True)
    with monkeypatch.context() as broken:
        broken.setattr(running, "settle", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            advance(change.pk, now=NOW)

    finish(change)

    assert stored() == [12, 1.5, None, 12, None]


def test_who_evaluates_contacts_converts_theirs_before(age):
    change = checked(age)
    begin(change, removes=True)
    last = Contact.objects.get(external_id="d")

    hold_values([last.pk])

    assert stored() == ["12", "1.50", "many", 12, None]
    finish(change)
    assert (change.fit, change.unfit) == (3, 1)


def test_a_merge_takes_no_value_of_the_type_of_before(age):
    change = checked(age)
    begin(change, removes=True)
    for _ in range(2):
        advance(change.pk, now=NOW)
    keep, lose = (Contact.objects.get(external_id=name).pk for name in ("e", "d"))
    Contact.objects.filter(external_id="a").delete()
    merge_contacts(keep=keep, lose=lose, now=NOW)
    finish(change)

    assert Contact.objects.get(pk=keep).attributes == {"age": 12}


def test_who_is_erased_leaves_no_old_value(age):
    begin(checked(age), removes=True)
    advance_changes(now=NOW)

    erase_contacts(contact_ids=list(Contact.objects.values_list("pk", flat=True)))

    assert not OldValue.objects.exists()


def test_old_values_go_when_it_is_done_and_removed_ones_after_a_month(age):
    change = checked(age)
    begin(change, removes=True)
    while advance_changes(now=NOW):
        pass

    assert OldValue.objects.get().before == "many"
    assert not is_work(now=NOW)

    later = NOW + timedelta(days=31)
    assert is_work(now=later)
    while advance_changes(now=later):
        pass
    assert not OldValue.objects.exists()
    assert not is_work(now=later)


def test_an_objection_forbids_the_change_and_names_who_has_it(age, monkeypatch):
    def object_to(key, type_):
        return [Objection("Old ones", "/old", "makes no sense.")] if type_ == "number" else []

    dependant = Dependant(lambda: None, object_to, lambda _: None)
    monkeypatch.setattr("contacts.retyping.hooks._dependants", [dependant])

    with pytest.raises(Conflict, match="“Old ones”: makes no sense"):
        begin(checked(age), removes=True)

    assert type_of() == "text"


def test_every_turn_has_a_number_of_its_own(age):
    change = checked(age)
    begin(change, removes=True)
    cancel_change(change=change, now=NOW)

    assert FieldTurn.objects.count() == 2


def test_a_field_is_not_deleted_while_its_values_are_converted(age):
    begin(checked(age), removes=True)

    with pytest.raises(Conflict, match="is being changed"):
        delete_field(field=age)


def test_an_import_that_fills_the_field_goes_first(age):
    ContactImport.objects.create(
        name="people.csv",
        token="t",
        kind="csv",
        size=1,
        state="running",
        mapping=[{"target": "attributes.age", "key": "", "style": ""}],
    )

    with pytest.raises(Conflict, match="The import “people"):
        begin(checked(age), removes=True)


# The pages.

PAGE = reverse("field_type", kwargs={"key": "age"})


def test_types_that_the_field_can_become_are_offered(client, boss, age):
    page = client.get(f"{PAGE}?to=number").content.decode()

    assert all(f"?to={type_}" in page for type_ in TARGETS["text"])
    assert "Such as 1.234,5" in page
    assert "Check the values" in page


def test_a_change_is_made_in_the_browser(client, boss, age, monkeypatch):
    monkeypatch.setattr(services, "PATIENCE", 5)

    shown = client.post(
        PAGE, {"action": "check", "type": "number", "style": "plain"}, follow=True
    ).content.decode()
    assert "many" in shown
    assert "is no number" in shown
    refused = client.post(PAGE, {"action": "begin", "unfit": "refuse"}, follow=True)
    assert "Correct them first" in refused.content.decode()

    page = client.post(PAGE, {"action": "begin", "unfit": "remove"}, follow=True).content.decode()

    said = f"from text to number on {FieldChange.objects.get().ended_at:%-d %B %Y} by {boss}"
    assert f"Changed {said}: 3 converted, 1 removed." in " ".join(page.split())
    edit = client.get(reverse("field_edit", kwargs={"key": "age"})).content.decode()
    assert f"Changed {said}" in edit


def test_values_that_do_not_convert_are_taken_away_as_csv(client, boss, age):
    change = checked(age)
    url = reverse("field_type_values", kwargs={"key": "age", "pk": change.pk})

    lines = b"".join(client.get(url).streaming_content).decode().split()

    contact = Contact.objects.get(external_id="c")
    assert lines == ["id,external_id,email,age", f"{contact.pk},c,,many"]
    begin(change, removes=True)
    finish(change)
    assert b"".join(client.get(url).streaming_content).decode().split() == lines


def test_there_is_no_file_where_everything_converts(client, boss, age):
    make_contact("c", age="13")
    url = reverse("field_type_values", kwargs={"key": "age", "pk": checked(age).pk})

    assert client.get(url).status_code == 404


def test_progress_is_shown_and_asked_for_again(client, boss, age):
    check_change(field=age, type_="number", style="plain", author=None, now=NOW)

    page = client.get(PAGE, headers=HTMX).content.decode()

    assert "Being checked" in page
    assert "0 of 5" in page
    assert "data-live" in page


def test_what_can_be_read_in_two_ways_is_asked_on_the_page(client, boss):
    make_field("age")
    make_contact("a", age="03/04/2026")

    response = client.post(PAGE, {"action": "check", "type": "date", "style": ""})

    assert response.status_code == 422
    assert "can be read in more than one way" in response.content.decode()


@pytest.mark.parametrize("sent", [{"action": "check", "type": "colour"}, {"action": "check"}])
def test_an_unknown_type_is_refused(client, boss, age, sent):
    assert client.post(PAGE, sent).status_code == 422


@pytest.mark.parametrize("action", ["begin", "cancel", "anything", ""])
def test_a_button_of_a_page_that_is_out_of_date_changes_nothing(client, boss, age, action):
    assert client.post(PAGE, {"action": action}).status_code == 302
    assert type_of() == "text"


def test_marketers_do_not_change_types(client, marketer, age):
    assert client.get(PAGE).status_code == 403
