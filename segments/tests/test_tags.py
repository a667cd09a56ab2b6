"""Tags: how they are kept, and what programs may send."""

from __future__ import annotations

import pytest

from segmentflow.roles import ADMINS
from segments import services
from segments.services import Refused
from segments.tags import LONGEST, MOST, checked_tags, tags_of_text, text_of_tags
from segments.tests.made import NOW, make_segment, make_user

SEGMENTS = "/api/v1/segments"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        (" , ,", []),
        ("vip", ["vip"]),
        ("VIP, Retail", ["retail", "vip"]),
        ("vip, VIP , vip", ["vip"]),
        ("  black \t friday ", ["black friday"]),
        ("é, ß", ["ß", "é"]),
    ],
)
def test_tags_are_kept_in_lower_case_sorted_and_once(typed, kept):
    assert checked_tags(tags_of_text(typed)) == kept


def test_tags_read_as_they_are_typed():
    assert text_of_tags(checked_tags(["b", "a"])) == "a, b"


def test_as_many_and_as_long_as_may_be():
    assert len(checked_tags(f"{number:0{LONGEST}}" for number in range(MOST))) == MOST


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([str(number) for number in range(MOST + 1)], "too_many"),
        (["a" * (LONGEST + 1)], "too_long"),
        (["İ" * LONGEST], "too_long"),
        (["a,b"], "invalid"),
        (["a\0b"], "invalid"),
        (["a\ud800"], "invalid"),
    ],
)
def test_what_is_no_tag_is_refused(tags, code):
    with pytest.raises(Refused) as refused:
        checked_tags(tags)

    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("tags", code)]


@pytest.mark.django_db
class TestStored:
    def test_a_segment_is_made_with_tags(self):
        assert make_segment(tags=["B", "a"]).tags == ["a", "b"]

    def test_tags_are_replaced(self):
        segment = make_segment(tags=["a"])

        services.update_segment(segment=segment, tags=["b"], author=None, now=NOW)

        segment.refresh_from_db()
        assert segment.tags == ["b"]

    def test_tags_that_are_not_given_stay(self):
        segment = make_segment(tags=["a"])

        services.update_segment(segment=segment, name="Other", author=None, now=NOW)

        segment.refresh_from_db()
        assert segment.tags == ["a"]

    def test_a_new_owner_is_stored_and_nobody_too(self):
        user, segment = make_user(), make_segment()

        owned = services.update_segment(segment=segment, owner=user, author=None, now=NOW)
        assert owned.owner == user
        left = services.update_segment(segment=segment, owner=None, author=None, now=NOW)
        assert left.owner is None


@pytest.mark.django_db
class TestApi:
    @pytest.fixture(autouse=True)
    def ada(self, client):
        client.force_login(make_user(ADMINS))

    def created(self, client, tags):
        body = {"key": "vips", "name": "Vips", "tags": tags}
        return client.post(SEGMENTS, body, content_type="application/json")

    def test_tags_are_taken_and_answered(self, client):
        answer = self.created(client, ["Retail", "a"])

        assert answer.status_code == 201
        assert answer.json()["tags"] == ["a", "retail"]
        assert client.get(SEGMENTS).json()["results"][0]["tags"] == ["a", "retail"]

    def test_tags_are_changed(self, client):
        self.created(client, ["a"])

        answer = client.patch(f"{SEGMENTS}/vips", {"tags": []}, content_type="application/json")

        assert answer.json()["tags"] == []

    @pytest.mark.parametrize(
        "tags", ["a", None, 1, {"a": 1}, [["a"]], [None], [{}], ["a" * 51], ["a\0"], ["a,b"]]
    )
    def test_what_are_no_tags_is_refused(self, client, tags):
        answer = self.created(client, tags)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"].startswith("tags")
