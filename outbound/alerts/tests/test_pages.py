"""Pages and API of alerts, and what Home shows of them."""

from __future__ import annotations

import pytest

from outbound.alerts.models import Alert, AlertMail, AlertNotice
from outbound.alerts.selectors import alert_of, wanted_of
from segmentflow.clock import current_time
from segmentflow.models import User
from segmentflow.roles import ADMINS, CAMPAIGN_MANAGERS
from segments.models import Segment
from segments.tests.made import EVERYONE, make_segment, make_user, settled
from tests.site.exports import make_alert

pytestmark = pytest.mark.django_db
PAGE = "/segments/vips/alerts"


@pytest.fixture
def vips(client):
    user = make_user(ADMINS)
    client.force_login(user)
    return settled(make_segment(definition=EVERYONE, author=user))


def test_bounds_and_people_are_saved_and_taken_back(client, vips):
    mia = make_user(CAMPAIGN_MANAGERS, "mia")
    client.post(PAGE, {"change": "20", "empty": "on", "below": "5", "users": [mia.pk]})

    wanted = wanted_of(alert_of(vips))
    assert (wanted.change, wanted.empty, wanted.below, wanted.to_owner) == (20, True, 5, False)
    assert wanted.users == (mia,)
    assert "mia (has no email address)" in client.get(PAGE).content.decode()

    client.post(PAGE, {"to_owner": "on"})
    assert wanted_of(alert_of(vips)).rules == {}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"change": "0"}, "greater than or equal to 1"),
        ({"below": "9" * 40}, "less than or equal to"),
        ({"empty": "on", "to_owner": ""}, "Choose who is told"),
        ({"users": ["777777"]}, "777777 is not one of the available choices"),
        ({"below": "9", "above": "5"}, "The lower bound lies above"),
    ],
)
def test_what_is_wrong_is_said_at_its_control(client, vips, sent, said):
    answer = client.post(PAGE, {"to_owner": "on"} | sent)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Alert.objects.exists()


def test_alerts_are_paused_and_mails_tried_again(client, vips):
    make_alert(now=current_time())
    page = client.get(PAGE).content.decode()
    assert "Shrank by 60 % in a day" in page
    assert "By an edit" in page

    User.objects.create_user("other")
    AlertMail.objects.update(state="failed", error="No connection.")
    assert "Not sent to ada: No connection." in client.get(PAGE).content.decode()
    client.post(f"{PAGE}/retry")
    assert AlertMail.objects.get().state == "waiting"

    client.post(f"{PAGE}/pause", {"on": "1"})
    assert Alert.objects.get().is_paused
    assert set(wanted_of(alert_of(vips)).rules) == {"change", "empty"}


def test_home_shows_the_last_alerts(client, vips):
    make_alert(now=current_time())

    assert "“Vips” shrank by 60 % in a day" in client.get("/").content.decode()


def test_programs_change_alerts_and_read_the_log(client, vips):
    path = "/api/v1/segments/vips/alerts"
    changed = client.patch(
        path, {"change_percent": 20, "users": ["ada"]}, content_type="application/json"
    )
    assert changed.json() == client.get(path).json()
    assert (changed.json()["change_percent"], changed.json()["users"]) == (20, ["ada"])
    cleared = client.patch(path, {"change_percent": None}, content_type="application/json")
    assert cleared.json()["change_percent"] is None
    unknown = client.patch(path, {"users": ["eve"]}, content_type="application/json")
    assert unknown.status_code == 400

    Alert.objects.all().delete()
    make_alert(now=current_time())
    (notice,) = client.get(f"{path}/notices").json()["results"]
    assert (notice["words"], notice["by_edit"]) == ("“Vips” shrank by 60 % in a day", True)


def test_the_log_goes_with_its_segment(vips):
    make_alert(now=current_time())

    Segment.objects.all().delete()

    assert not AlertNotice.objects.exists()
