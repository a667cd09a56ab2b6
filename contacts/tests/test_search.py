"""Finding contacts by words."""

from __future__ import annotations

import pytest
from django.db import connection

from contacts.models import Contact
from contacts.search import LONGEST, contacts_found

pytestmark = pytest.mark.django_db


def found(words):
    return sorted(contacts_found(words).values_list("first_name", flat=True))


@pytest.fixture(autouse=True)
def people():
    Contact.objects.create(
        first_name="Anna", last_name="Berg-Hansen", email="anna.b@example.com", phone="+4791234567"
    )
    Contact.objects.create(first_name="Øyvind", last_name="Müller", external_id="CRM-0042")
    Contact.objects.create(first_name="Émile", last_name="O'Brien", phone="+33 6 12 34 56 78")
    Contact.objects.create(first_name="ÅSE", email="ase+news@sub.example.org")


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("anna", ["Anna"]),
        ("ANN", ["Anna"]),
        ("ann ber", ["Anna"]),
        ("hans anna", ["Anna"]),
        ("berg-hansen", ["Anna"]),
        ("nna", []),
        ("anna müller", []),
        ("muller", ["Øyvind"]),
        ("Müll", ["Øyvind"]),
        ("oyvind", ["Øyvind"]),
        ("øy", ["Øyvind"]),
        ("crm-0042", ["Øyvind"]),
        ("0042", ["Øyvind"]),
        ("emile", ["Émile"]),
        ("E\u0301mile", ["Émile"]),
        ("o'brien", ["Émile"]),
        ("åse", ["ÅSE"]),
        ("anna.b@example.com", ["Anna"]),
        ("example", ["Anna", "ÅSE"]),
        ("ase+news", ["ÅSE"]),
    ],
)
def test_each_word_begins_a_word(words, who):
    assert found(words) == who


@pytest.mark.parametrize(
    "words", ["+47 912 34 567", "4791", "(47) 912-34", "47.912", "47/91234567"]
)
def test_a_number_is_found_written_together(words):
    assert found(words) == ["Anna"]


@pytest.mark.parametrize("words", ["+33 6 12", "6 12 34", "33"])
def test_a_number_is_found_as_it_was_written(words):
    assert found(words) == ["Émile"]


def test_a_number_among_words_is_a_word():
    assert found("anna 47 912") == []


@pytest.mark.parametrize("words", ["", " ", "\n\t"])
def test_a_blank_text_narrows_nothing(words):
    assert len(found(words)) == 4


@pytest.mark.parametrize("words", ["%", "_", "@", "+", "&|!():*<->'\\", "\0", "a\0b", "\ud800"])
def test_a_text_without_words_finds_nobody(words):
    assert found(words) == []


@pytest.mark.parametrize(
    "words", ["anna:*", "anna & !berg", "anna <-> berg", "'anna' | berg", "!anna"]
)
def test_signs_mean_nothing(words):
    assert found(words) == ["Anna"]


def test_a_long_text_is_read_up_to_a_length():
    assert found("anna " + " " * LONGEST + "nobody") == ["Anna"]
    assert found("anna " * 5_000) == ["Anna"]
    assert found("x" * 100_000) == []


def test_what_is_found_can_be_narrowed_further_and_narrow_others():
    anna = Contact.objects.get(first_name="Anna")

    assert list(contacts_found("example").exclude(pk=anna.pk).order_by("-pk")) != []
    assert list(Contact.objects.filter(pk__in=contacts_found("anna").values("pk"))) == [anna]
    assert contacts_found("anna").count() == 1


def test_a_contact_is_found_as_it_is_now():
    Contact.objects.filter(first_name="Anna").update(first_name="Berit", email="")

    assert found("anna") == []
    assert found("berit") == ["Berit"]


def scans(relation):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", [relation])
        return cursor.fetchone()[0]


@pytest.mark.plain_server("what is read is counted on each worker")
@pytest.mark.parametrize("words", ["example", "com example", "anna", "77", "nobody"])
def test_the_index_is_read_and_not_everybody(words):
    with connection.cursor() as cursor:
        # With as many different names as the planner needs to believe its statistics.
        cursor.execute(
            """
            INSERT INTO contacts_contact (first_name, last_name, email)
            SELECT 'Anna' || n % 150, 'Name' || n % 150, n || '@example.com'
            FROM generate_series(1, 2000) AS n
            """
        )
        cursor.execute("ANALYZE contacts_contact")
    before = scans("contact_by_words"), scans("contacts_contact")

    assert list(contacts_found(words).order_by("-pk")[:51]) or words == "nobody"

    after = scans("contact_by_words"), scans("contacts_contact")
    assert (after[0] > before[0], after[1]) == (True, before[1])


@pytest.mark.parametrize(
    "texts",
    [
        ["Anna", "Kowalska", "anna@example.com", "u-1", "+47 912"],
        ["Łucja", "Ørsted-Đurić", "É\u0301", "ﬁn ǅ ΣΑΣ", ""],
        ["", "", "", "", ""],
        ["a" * 150, "b", None, "ŷ" * 120, "c d"],
        ["ﷺ" * 20, "x" * 99 + "é", "y" * 100, "z" * 101, "%"],
        ["word " * 300, "ż " * 600, "e" * 999, "f", "\u0301g"],
    ],
)
def test_the_words_of_a_contact_are_those_of_its_texts(texts):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tsvector_to_array(contact_words(VARIADIC %(texts)s::text[])),"
            " ARRAY(SELECT DISTINCT word FROM unnest(%(texts)s::text[]) t, search_words(t) word)",
            {"texts": texts},
        )
        words, expected = cursor.fetchone()

    assert set(words) == set(expected)
