"""Importing contacts: from the file that is brought to the contacts that are stored."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from contacts.imports import running
from contacts.imports.running import advance_imports
from contacts.imports.storing import drop_old_files, make_folder
from contacts.models import Consent, Contact, Field
from contacts.tests.importing import counts, refused, settle
from contacts.tests.made import HTMX, NOW, make_contact, make_field, queries_of
from segmentflow.clock import current_time

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]

LIST = reverse("import_list")
PEOPLE = "External ID,Email,First name,Tier\nu1,ann@example.com,Ann,Gold\nu2,bob@example.com,Bob,\n"


def test_columns_are_recognized_and_missing_fields_are_defined(client, bring, run):
    one = run(bring(PEOPLE))

    assert counts(one) == (2, 0, 0)
    assert one.state == "done"
    ann = Contact.objects.get(external_id="u1")
    assert (ann.email, ann.first_name, ann.attributes) == (
        "ann@example.com",
        "Ann",
        {"Tier": "Gold"},
    )
    assert Field.objects.get().label == "Tier"


def test_columns_go_into_fields_by_label_too(bring, run):
    make_field("vip", "boolean", label="Very important?")

    run(bring("email,Very Important\nann@example.com,yes\n"))

    assert Contact.objects.get().attributes == {"vip": True}


def test_json_lines_keep_their_types(bring, run):
    rows = [
        {"external_id": "a", "attributes": {"score": 1.50, "tags": ["x"]}, "since": "2026-01-02"},
        {"external_id": "b", "vip": True, "email": None},
    ]

    one = run(bring("\n".join(map(json.dumps, rows)), "people.jsonl"))

    assert counts(one) == (2, 0, 0)
    assert Contact.objects.get(external_id="a").attributes == {
        "score": 1.5,
        "tags": ["x"],
        "since": "2026-01-02",
    }
    assert dict(Field.objects.values_list("key", "type")) == {
        "score": "number",
        "tags": "list",
        "since": "date",
        "vip": "boolean",
    }


def test_the_same_file_twice_changes_nothing_the_second_time(bring, run):
    run(bring(PEOPLE))

    one = run(bring(PEOPLE))

    assert counts(one) == (0, 2, 0)
    assert Contact.objects.count() == 2


def test_refused_rows_are_downloaded_with_the_reason(client, bring, run):
    make_field("age", "number")

    one = run(bring("external_id,age\na,12\nb,=1+1\n,3\nd,4,5\n"))

    assert counts(one) == (1, 0, 3)
    head, *rows = refused(client, one)
    assert head == ["Line", "Why", "external_id", "age"]
    assert [row[0] for row in rows] == ["3", "4", "5"]
    assert "no number" in rows[0][1]
    assert rows[0][3] == "'=1+1"
    assert "A contact needs one of" in rows[1][1]
    assert rows[2][1:] == ["There are more values than columns.", "d,4,5"]


def test_a_dry_run_counts_and_stores_nothing(client, bring, press):
    make_contact("u1")
    one = bring(PEOPLE + "u3,bob@example.com,Rob,\n")

    press(one, "try")
    settle(one)

    assert one.tried == {"created": 1, "updated": 1, "refused": 1}
    assert one.state == "ready"
    assert Contact.objects.count() == 1
    assert not Field.objects.exists()
    assert b"1 new contact" in client.get(reverse("import_detail", args=[one.pk])).content


def test_the_first_rows_show_what_is_wrong_with_them(client, bring):
    make_field("age", "number")

    one = bring("external_id,age\na,12\nb,many\n")

    page = client.get(reverse("import_detail", args=[one.pk])).content.decode()
    assert '<td class="is-wrong">many</td>' in page
    assert not Contact.objects.exists()


def test_contacts_can_be_found_by_email_and_get_another_external_id(bring, run):
    make_contact("old", email="ann@example.com")

    one = run(bring("external_id,email\nnew,ANN@example.com\n"), found_by="email")

    assert counts(one) == (0, 1, 0)
    assert Contact.objects.get().external_id == "new"


def test_an_identity_of_somebody_else_is_never_taken(client, bring, run):
    make_contact("ann", email="ann@example.com")
    make_contact("bob")

    one = run(bring("external_id,email\nbob,ann@example.com\n"), found_by="external_id")

    assert counts(one) == (0, 0, 1)
    assert Contact.objects.get(external_id="bob").email == ""


def test_dates_that_can_be_read_in_two_ways_are_asked_about(bring, press, run):
    one = bring("external_id,Birthday\na,03/04/2026\nb,05/06/2026\n")

    assert press(one, "run").status_code == 422
    assert not Contact.objects.exists()

    run(one, **{"target-1": "new:date", "style-1": "dmy"})
    assert Contact.objects.get(external_id="a").attributes == {"Birthday": "2026-04-03"}


def test_dates_that_can_be_read_in_one_way_only_are_not_asked_about(bring, run):
    run(bring("external_id,Birthday\na,03/04/2026\nb,25/06/2026\n"))

    assert Contact.objects.get(external_id="a").attributes == {"Birthday": "2026-04-03"}


@pytest.mark.parametrize(
    ("content", "city"),
    [
        (b"\xef\xbb\xbfexternal_id,city\na,\xc5\x81\xc3\xb3d\xc5\xba\n", "Łódź"),
        ("external_id,city\na,Łódź\n".encode("utf-16"), "Łódź"),
        ("external_id,city\na,Orl\n".encode("utf-16-le"), "Orl"),
        ("external_id;city\na;Köln\n".encode("cp1252"), "Köln"),
        ("external_id\tcity\na\tKöln\n", "Köln"),
        ("external_id|city\r\n\r\na|Köln\r\n\r\n", "Köln"),
        ('external_id,city\na,"New\nYork"\n', "New\nYork"),
        ("external_id,city\ra,Oslo\r", "Oslo"),
        ("\n\n  external_id , city \n a , Oslo \n,,\n", "Oslo"),
        ("external_id,city,city\na,Oslo,Rome\n", "Oslo"),
        ("external_id,city,\na,Oslo,x\n", "Oslo"),
        ("external_id,city\na,=HYPERLINK(1)\n", "=HYPERLINK(1)"),
    ],
)
def test_messy_files_are_read_right(bring, run, content, city):
    one = run(bring(content))

    assert counts(one) == (1, 0, 0)
    assert Contact.objects.get().external_id == "a"
    assert Contact.objects.get().city == city


def test_columns_of_the_same_name_are_told_apart(bring):
    assert bring("email,Note,Note,\na@b.c,1,2,3\n").columns == [
        "email",
        "Note",
        "Note (2)",
        "Column 4",
    ]


def test_numbers_of_spreadsheets_become_days(bring, run):
    make_field("born", "date")

    run(bring("external_id,born,Member since\na,33010,45000\n"))

    assert Contact.objects.get().attributes == {"born": "1990-05-17", "Member_since": "2023-03-15"}


def test_numbers_with_decimal_commas_are_understood(bring, run):
    run(bring("external_id;Spent;Zip\na;1.234,50;01234\n"))

    assert Contact.objects.get().attributes == {"Spent": 1234.5, "Zip": "01234"}


def test_three_hundred_columns_are_read(bring, run):
    names = [f"c{number}" for number in range(300)]
    one = run(bring(f"external_id,{','.join(names)}\nx,{','.join(names)}\n"))

    assert counts(one) == (1, 0, 0)
    assert len(Contact.objects.get().attributes) == 300


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (",".join(f"c{number}" for number in range(1001)) + "\n", "x.csv", "1,001 columns"),
        ("\n\n", "x.csv", "The file is empty."),
        ("[1]\n", "x.jsonl", "No line of the file is a JSON object."),
        (b"PK\x03\x04", "x.csv", "perhaps a workbook"),
        (b"no workbook", "x.xlsx", "no XLSX workbook"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(client, bring, content, name, said):
    one = bring(content, name)

    assert one.state == "failed"
    assert said in one.error
    assert one.error.encode() in client.get(reverse("import_detail", args=[one.pk])).content


def test_a_workbook_is_imported(client, bring, run):
    book = Workbook()
    book.active.append(["External ID", "Born", "Score", "Link", "Zip"])
    born = datetime(1990, 5, 17)  # noqa: DTZ001 - cells have no zone
    book.active.append(["a", born, 1.5, '=HYPERLINK("http://example.com")', "00123"])
    book.create_sheet("Other").append(["email"])
    content = io.BytesIO()
    book.save(content)

    one = run(bring(content.getvalue(), "people.xlsx"))

    assert one.error == ""
    assert one.sheets == ["Sheet", "Other"]
    assert counts(one) == (1, 0, 0)
    assert Contact.objects.get().attributes == {
        "Born": "1990-05-17",
        "Score": 1.5,
        "Link": '=HYPERLINK("http://example.com")',
        "Zip": "00123",
    }


@pytest.mark.parametrize("name", ["people.pdf", "people"])
def test_other_kinds_of_files_are_refused(client, boss, folder, name):
    response = client.post(LIST, {"file": SimpleUploadedFile(name, b"x")})

    assert response.status_code == 422
    assert not list(folder.iterdir())


def test_a_file_over_the_limit_is_refused_and_nothing_of_it_stays(client, boss, folder, settings):
    settings.MAX_IMPORT_BYTES = 100

    response = client.post(LIST, {"file": SimpleUploadedFile("x.csv", b"x" * 200)})

    assert response.status_code == 413
    assert not list(folder.iterdir())


def test_no_file_is_asked_for(client, boss):
    assert client.post(LIST).status_code == 422


def test_hostile_rows_are_refused_and_the_others_stored(bring, run):
    long = "x" * 1_100_000
    one = run(bring(f'external_id,city\na,Oslo\nb,{long}\nc,a\0b\nd,"never closed\n'))

    assert (one.created, one.refused) == (2, 2)
    assert set(Contact.objects.values_list("external_id", flat=True)) == {"a", "d"}


def test_a_quotation_mark_that_is_never_closed_ends_a_row_and_not_the_memory(bring, run):
    rest = "".join(f"{number},Oslo\n" for number in range(40_000))

    one = run(bring(f'external_id,city\na,Oslo\nb,"\n{rest}'))

    assert one.refused >= 1
    assert Contact.objects.filter(external_id="a").exists()


def test_an_import_that_is_cancelled_keeps_what_was_stored(client, bring, press, monkeypatch):
    monkeypatch.setattr(running, "BITE", 2)
    one = bring("external_id\n" + "".join(f"u{number}\n" for number in range(6)))
    press(one, "run")
    advance_imports(now=NOW)

    client.post(reverse("import_cancel", args=[one.pk]))

    settle(one)
    assert one.state == "cancelled"
    assert Contact.objects.count() == 2


def test_an_import_goes_on_where_a_bite_that_failed_began(client, bring, press, monkeypatch):
    monkeypatch.setattr(running, "BITE", 2)
    lines = "".join(f"u{number},\n\n" for number in range(3)) + 'u3,"a\nb"\nu4,\n,\nbad,x,y\nu5,\n'
    one = bring(f"external_id,city\nbad,x,y\n{lines}")
    press(one, "run")
    advance_imports(now=NOW)

    def fall(*_args, **_values):
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(running, "upsert_contacts", fall)
    with pytest.raises(RuntimeError):
        advance_imports(now=NOW)
    monkeypatch.undo()
    monkeypatch.setattr(running, "BITE", 2)
    settle(one)

    assert counts(one) == (6, 0, 2)
    assert [row[0] for row in refused(client, one)] == ["Line", "2", "13"]


def test_the_file_is_forgotten_at_the_end_and_refused_rows_a_month_later(
    client, bring, run, folder, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        one = run(bring("external_id,city\na,Oslo\nb,c,d\n"))

    assert [path.name for path in (folder / one.token).iterdir()] == ["refused.csv"]
    assert drop_old_files(now=NOW + timedelta(days=29)) == 0
    assert drop_old_files(now=NOW + timedelta(days=31)) == 1
    assert not list(folder.iterdir())
    assert client.get(reverse("import_refused", args=[one.pk])).status_code == 404


def test_what_a_crash_left_of_an_upload_is_forgotten_a_day_later(bring, folder):
    one = bring(PEOPLE)
    left = make_folder("left")
    (left / "upload").write_text(PEOPLE)

    drop_old_files(now=current_time() + timedelta(hours=23))
    assert left.exists()

    drop_old_files(now=current_time() + timedelta(hours=25))
    assert [path.name for path in folder.iterdir()] == [one.token]


def test_progress_is_a_part_of_the_page(client, bring, press):
    one = bring(PEOPLE)
    press(one, "run")

    part = client.get(reverse("import_detail", args=[one.pk]), headers=HTMX).content.decode()

    assert part.strip().startswith('<div id="import"')
    assert "every 1s" in part


def test_an_import_begins_once(bring, press):
    one = bring(PEOPLE)

    press(one, "run")
    press(one, "run")

    settle(one)
    assert counts(one) == (2, 0, 0)


def test_another_encoding_and_separator_can_be_chosen(bring, press, run):
    one = bring("external_id,city\na,\xa3ódź\n".encode("cp1250", "replace"))

    press(one, "read", encoding="cp1250", separator=",")

    run(one)
    assert Contact.objects.get().city.endswith("ódź")


def test_marketers_do_not_import(client, marketer):
    assert client.get(LIST).status_code == 403
    assert b"Imports" not in client.get(reverse("contact_list")).content


def test_twice_the_imports_cost_no_more_queries(client, bring):
    bring(PEOPLE)
    before = queries_of(lambda: client.get(LIST))
    bring(PEOPLE)

    assert queries_of(lambda: client.get(LIST)) == before


def consents():
    rows = Consent.objects.order_by("contact__external_id", "channel", "at")
    return [(row.contact.external_id, row.channel, row.subscribed, row.source) for row in rows]


def test_columns_about_consent_are_recognized_and_recorded(bring, run):
    content = (
        "external_id,Email opt-in,sms_consent,consents.push,newsletter count\n"
        "u1,yes,no,subscribed,3\n"
        "u2,0,,unsubscribed,4\n"
    )

    one = run(bring(content, "list of people.csv"))

    source = "Import list of people.csv"
    assert [entry["target"] for entry in one.mapping][1:4] == [
        "consents.email",
        "consents.sms",
        "consents.push",
    ]
    assert consents() == [
        ("u1", "email", True, source),
        ("u1", "push", True, source),
        ("u1", "sms", False, source),
        ("u2", "email", False, source),
        ("u2", "push", False, source),
    ]
    assert list(Field.objects.values_list("key", flat=True)) == ["newsletter_count"]


def test_the_same_consents_again_add_nothing(bring, run):
    for _ in range(2):
        run(bring("external_id,newsletter\nu1,yes\n"))

    assert Consent.objects.count() == 1


def test_a_field_that_is_called_so_goes_before_a_consent(bring, run):
    make_field("Email_consent", "boolean")

    run(bring("external_id,Email consent\nu1,yes\n"))

    assert not Consent.objects.exists()
    assert Contact.objects.get().attributes == {"Email_consent": True}


def test_a_column_whose_values_are_no_decisions_is_no_consent(bring):
    one = bring("external_id,sms_consent\nu1,yes\nu2,asked twice\n")
    settle(one)

    assert one.mapping[1]["target"] == "new:text"


def test_a_row_whose_consent_says_nothing_is_refused(client, bring, press, run):
    one = bring("external_id,Agreed\nu1,yes\nu2,perhaps\n")
    settle(one)
    choice = {"target-1": "consents.email", "style-1": ""}
    press(one, "check", **choice)
    page = client.get(reverse("import_detail", args=[one.pk])).content.decode()
    assert "Email consent" in page
    assert "“perhaps” is neither" in page
    assert 'class="is-wrong">perhaps' in page

    run(one, **choice)

    assert consents() == [("u1", "email", True, "Import people.csv")]
    assert "consents.email: “perhaps” is neither" in refused(client, one)[1][1]


def test_consents_of_json_lines_come_as_the_api_takes_them(bring, run):
    rows = [
        {"external_id": "u1", "consents": {"email": True}},
        {
            "external_id": "u2",
            "consents": {"email": {"state": "unsubscribed", "source": "Form"}, "sms": False},
        },
    ]

    run(bring("\n".join(map(json.dumps, rows)), "people.jsonl"))

    assert consents() == [
        ("u1", "email", True, "Import people.jsonl"),
        ("u2", "email", False, "Form"),
        ("u2", "sms", False, "Import people.jsonl"),
    ]


def test_two_columns_cannot_go_into_the_same_consent(client, bring, press):
    one = bring("external_id,a,b\nu1,yes,yes\n")
    settle(one)

    response = press(one, "run", **{"target-1": "consents.sms", "target-2": "consents.sms"})

    assert response.status_code == 422
    assert "Another column goes into the same field." in response.content.decode()
