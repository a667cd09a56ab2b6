"""Pages of data retention: what would happen, what does, and what happens with unknown types."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import EventType, Retention
from events.tasks import tend_stored
from events.tests.made import make_type, record
from segmentflow.models import Workspace
from segmentflow.roles import ADMINS
from segmentflow.tests.made import HTMX, queries, sign_in
from segmentflow.workspace import current_workspace
from segments.tests.language import definition, event, last
from segments.tests.made import make_segment, settled

pytestmark = pytest.mark.django_db

LIST = "/settings/retention"
UNKNOWN = "/settings/workspace/unknown-types"


@pytest.fixture
def ada(client):
    return sign_in(client, ADMINS)


@pytest.fixture
def purchases():
    """One each 40 days, the newest today."""
    now = timezone.now()
    for number in range(5):
        record(f"m{number}", at=now - timedelta(days=40 * number), now=now)
    bought = {"operator": "at_least", "value": 1}
    settled(make_segment("ever", definition(event(**bought))))
    settled(make_segment("lately", definition(event(**bought, window=last(1, "month")))))
    return make_type()


def edit(event_type: EventType) -> str:
    return f"{LIST}/{event_type.pk}"


def read(client, path, **asked) -> str:
    return client.get(path, asked).content.decode()


def test_the_list_says_how_many_since_when_for_how_long_and_who_looks(client, ada, purchases):
    page = client.get(LIST)

    [row] = page.context["rows"]
    assert (row.total, row.months) == (5, None)
    assert timedelta(days=159) < timezone.now() - row.oldest < timedelta(days=161)
    assert [(one.key, one.months) for one in row.lookers] == [("ever", None), ("lately", 1)]
    html = page.content.decode()
    assert 'href="/segments/ever"' in html
    assert "Further than kept" not in html


def test_a_choice_is_foretold_before_it_is_made(client, ada, purchases):
    html = read(client, edit(purchases), months="3")

    assert "2 events of 5" in html
    assert "looks back for ever: contacts may leave" in html
    assert html.index("These segments look further back") < html.index("stay as they are")
    assert not Retention.objects.exists()


def test_what_is_chosen_happens_in_the_background(client, ada, purchases):
    response = client.post(edit(purchases), {"months": "3"}, follow=True)

    assert "events are kept for 3 months" in response.content.decode()
    assert "Erasing" not in read(client, LIST)
    tend_stored()
    html = read(client, LIST)
    assert "Further than kept" in html
    assert client.get(LIST).context["rows"][0].total == 3
    assert "all before" in read(client, edit(purchases))


def test_nothing_old_enough_is_said(client, ada, purchases):
    html = read(client, edit(purchases), months="24")

    assert "nothing is erased now" in html
    assert "Keep for 24 months" in html


def test_an_empty_time_keeps_events_for_ever(client, ada, purchases):
    client.post(edit(purchases), {"months": "3"})
    assert "Keep events for ever" in read(client, edit(purchases), months="")

    client.post(edit(purchases), {"months": ""})

    assert not Retention.objects.exists()


@pytest.mark.parametrize("months", ["0", "-3", "241", "a", "1.5"])
def test_a_time_that_makes_no_sense_is_said_beside_the_field(client, ada, purchases, months):
    for answer in (
        client.get(edit(purchases), {"months": months}),
        client.post(edit(purchases), {"months": months}),
    ):
        assert answer.status_code == 422
        assert "field-error" in answer.content.decode()
    assert not Retention.objects.exists()


def test_erasing_is_paused_and_goes_on(client, ada, purchases):
    client.post(edit(purchases), {"months": "3"})

    client.post(f"{edit(purchases)}/pause", {"on": "1"})
    tend_stored()
    assert "Paused" in read(client, LIST)
    assert client.get(LIST).context["rows"][0].total == 5
    client.post(f"{edit(purchases)}/pause", {"on": "0"})
    tend_stored()

    assert client.get(LIST).context["rows"][0].total == 3


def test_types_are_searched_and_sorted(client, ada, purchases):
    make_type("MailOpen", label="Opened")

    def names(**asked) -> list[str]:
        return [row.type.key for row in client.get(LIST, asked).context["rows"]]

    assert names() == ["MailOpen", "Purchase"]
    assert names(sort="-total") == ["Purchase", "MailOpen"]
    assert names(sort="oldest") == ["Purchase", "MailOpen"]
    assert names(sort="kept", q="pen") == ["MailOpen"]
    assert "No such event type" in read(client, LIST, q="nothing")


def test_the_parts_refresh_themselves(client, ada, purchases):
    for path, part in ((LIST, 'id="types"'), (f"{edit(purchases)}?months=x", 'id="state"')):
        answer = client.get(path, headers=HTMX)

        assert answer.status_code == 200
        assert part in answer.content.decode()
        assert "<html" not in answer.content.decode()


def test_without_types_the_page_says_so(client, ada):
    assert "No event types yet" in read(client, LIST)


def test_more_types_and_segments_cost_no_more_queries(client, ada, purchases):
    read(client, LIST)
    few = queries(lambda: read(client, LIST))
    bought = {"operator": "at_least", "value": 1}
    for number in range(6):
        record("m", type_=f"Type {number}")
        settled(make_segment(f"s{number}", definition(event(f"Type {number}", **bought))))
    read(client, LIST)

    assert queries(lambda: read(client, LIST)) == few


def test_admins_choose_what_happens_with_unknown_types(client, ada):
    response = client.post(UNKNOWN, {"unknown_types": "refuse"}, follow=True)

    assert "Events of unknown types are refused." in response.content.decode()
    assert current_workspace().unknown_types == Workspace.UnknownTypes.REFUSE
    record("m", type_="New")
    assert not EventType.objects.exists()
    client.post(UNKNOWN, {"unknown_types": "register"})
    record("m", type_="New")
    assert EventType.objects.exists()


def test_the_environment_decides_until_they_do(client, ada, settings):
    settings.EVENT_TYPES_STRICT = True

    form = client.get("/settings/workspace").context["types_form"]

    assert form.initial == {"unknown_types": "refuse"}


@pytest.mark.parametrize("sent", [{}, {"unknown_types": "maybe"}])
def test_another_choice_is_refused(client, ada, sent):
    answer = client.post(UNKNOWN, sent)

    assert answer.status_code == 422
    assert "Choose one of the two." in answer.content.decode()
    assert current_workspace().unknown_types == ""
