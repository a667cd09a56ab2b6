"""How much keys and addresses may send, at times that tests choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from segmentflow.api.admitting import admitted
from segmentflow.api.keys import create_key
from segmentflow.api.leases import Bucket, Leases
from segmentflow.api.limits import (
    PAGES,
    WRONG_KEYS,
    ByAddress,
    charge_events,
    charge_request,
    forget_all,
)
from segmentflow.api.problems import ApiProblem
from segmentflow.api.use import USES
from segmentflow.models import KeyUse, TokenBucket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENTS = "/api/v1/events"


@pytest.fixture(autouse=True)
def _fresh():
    forget_all()
    yield
    forget_all()


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def passed(processes: list[Leases], bucket: Bucket, *, a_second: int, seconds: int) -> int:
    """How many of evenly spread single requests pass, each at one process after the other."""
    return sum(
        processes[number % len(processes)].take(bucket, 1, now=after(number / a_second)).is_allowed
        for number in range(a_second * seconds)
    )


@pytest.mark.parametrize("number", [1, 4])
def test_a_limit_holds_over_several_processes_and_is_used_up(number):
    bucket = Bucket("requests 1", 100)
    processes = [Leases() for _ in range(number)]

    found = passed(processes, bucket, a_second=400, seconds=10)

    most = 100 * (10 + 2)
    assert most - bucket.bite * number <= found <= most + bucket.bite * number


def test_who_stays_below_is_never_refused():
    bucket = Bucket("requests 1", 100)

    assert passed([Leases(), Leases()], bucket, a_second=95, seconds=10) == 950


def test_the_database_is_asked_for_bites_alone(django_assert_max_num_queries):
    bucket, leases = Bucket("events 1", 20_000), Leases()

    with django_assert_max_num_queries(3):
        for number in range(5_000):
            assert leases.take(bucket, 1, now=after(number / 100_000)).is_allowed


def test_a_flood_that_is_refused_asks_the_database_no_more_often(django_assert_max_num_queries):
    bucket, leases = Bucket("requests 1", 10), Leases()
    leases.take(bucket, 20, now=NOW)

    with django_assert_max_num_queries(2):
        for number in range(1_000):
            assert not leases.take(bucket, 1, now=after(number / 20_000)).is_allowed


def test_a_request_larger_than_the_bucket_passes_once_and_is_paid_off():
    bucket, leases = Bucket("events 1", 100), Leases()

    assert leases.take(bucket, 1_000, now=NOW).is_allowed
    refused = leases.take(bucket, 1, now=after(7))
    assert not refused.is_allowed
    assert 1 < refused.seconds < 1.2
    assert leases.take(bucket, 1, now=after(8.2)).is_allowed


def test_what_a_large_batch_is_refused_does_not_keep_a_small_one_out():
    bucket, leases = Bucket("events 1", 100), Leases()
    leases.take(bucket, 150, now=NOW)

    assert not leases.take(bucket, 150, now=NOW).is_allowed
    assert leases.take(bucket, 10, now=NOW).is_allowed


def test_a_clock_that_is_behind_gives_nothing_twice():
    bucket = Bucket("requests 1", 100)
    ahead, behind = Leases(), Leases()
    ahead.take(bucket, 200, now=after(10))

    assert not behind.take(bucket, 1, now=NOW).is_allowed
    assert not ahead.take(bucket, 100, now=after(10)).is_allowed
    assert TokenBucket.objects.get().at == after(10)


def test_a_clock_that_is_put_back_keeps_no_key_waiting():
    bucket, leases = Bucket("requests 1", 100), Leases()
    leases.take(bucket, 200, now=after(3600))
    assert not leases.take(bucket, 1, now=after(3600)).is_allowed

    assert not leases.take(bucket, 1, now=NOW).is_allowed
    assert leases.take(bucket, 1, now=after(1)).is_allowed


def test_too_many_requests_are_refused_with_when_to_come_back_and_counted(client):
    key, _ = create_key(name="Shop", scopes=["ingest"], requests_per_second=10)

    for _ in range(20):
        assert charge_request(key, now=NOW)
    with pytest.raises(ApiProblem) as refused:
        charge_request(key, now=NOW)

    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "1"
    assert refused.value.headers["RateLimit-Policy"] == '"requests";q=20;w=2'
    assert "10 requests a second" in refused.value.detail
    assert charge_request(key, now=after(1))
    USES.note(key.pk, now=after(10))
    use = KeyUse.objects.get()
    assert (use.requests, use.refused) == (22, 1)


def test_events_are_refused_as_a_whole_and_not_counted(client):
    key, _ = create_key(name="Shop", scopes=["ingest"], events_per_second=100)
    charge_events(key, 150, now=NOW)

    with pytest.raises(ApiProblem, match="100 events a second"):
        charge_events(key, 100, now=NOW)

    USES.note(key.pk, now=after(10))
    use = KeyUse.objects.get()
    assert (use.events, use.refused) == (150, 1)


def test_the_answer_says_what_is_left_and_then_429(client):
    _, key = create_key(
        name="Shop", scopes=["ingest"], requests_per_second=1_000, events_per_second=1
    )
    headers = {"Authorization": f"Bearer {key}"}
    event = {"contact": {"external_id": "u"}, "type": "Purchase"}

    def send(number: int):
        sent = {"events": [{**event, "message_id": f"m{one}"} for one in range(number)]}
        return client.post(EVENTS, sent, content_type="application/json", headers=headers)

    fine, refused = send(2), send(1_000)

    assert fine.status_code == 202
    assert fine["RateLimit-Policy"] == '"requests";q=2000;w=2, "events";q=2;w=2'
    assert '"events";r=0;t=2' in fine["RateLimit"]
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert int(refused["Retry-After"]) in (1, 2)
    assert "1 events a second" in refused.json()["detail"]
    tracked = client.post(
        "/v1/batch",
        {"batch": [{"type": "track", "userId": "u", "event": "x"}] * 5},
        content_type="application/json",
        headers=headers,
    )
    assert tracked.status_code == 429
    assert tracked["Retry-After"]


def test_a_key_without_limits_has_no_headers_and_no_bucket(client):
    _, key = create_key(name="Shop", scopes=["read"])

    answer = client.get("/api/v1/segments", headers={"Authorization": f"Bearer {key}"})

    assert "RateLimit" not in answer
    assert not TokenBucket.objects.exists()


def test_a_key_that_has_expired_is_refused_with_when(client):
    _, key = create_key(name="Shop", scopes=["read", "ingest"], expires_at=NOW)

    assert admitted(key, address="192.0.2.1", now=after(-1)) is not None
    with pytest.raises(ApiProblem) as refused:
        admitted(key, address="192.0.2.1", now=NOW)
    assert refused.value.status == 401
    headers = {"Authorization": f"Bearer {key}"}
    answer = client.get("/api/v1/segments", headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "expired on 20 November 2026" in answer.json()["detail"]
    assert client.post("/v1/track", {}, "application/json", headers=headers).status_code == 401


def test_wrong_keys_of_an_address_are_refused_unseen_and_good_ones_go_on():
    _, good = create_key(name="Shop", scopes=["read"])
    _, other = create_key(name="Other", scopes=["read"])
    assert admitted(good, address="192.0.2.1", now=NOW)
    for number in range(30):
        assert admitted(f"wrong {number}", address="192.0.2.1", now=NOW) is None

    with pytest.raises(ApiProblem) as refused:
        admitted("wrong", address="192.0.2.1", now=NOW)
    assert refused.value.status == 429
    assert admitted(good, address="192.0.2.1", now=NOW)
    with pytest.raises(ApiProblem):
        admitted(other, address="192.0.2.1", now=NOW)
    assert admitted(other, address="192.0.2.2", now=NOW)
    assert admitted("wrong", address="192.0.2.1", now=after(2)) is None


def test_addresses_have_their_own_limits_and_fill_up_again():
    limits = ByAddress(size=2, per_second=1)

    assert [limits.take("192.0.2.1", now=NOW) for _ in range(3)] == [0, 0, 1]
    assert limits.take("192.0.2.2", now=NOW) == 0
    assert limits.take("192.0.2.1", now=after(1)) == 0
    assert [limits.take(f"2001:db8::{number}", now=NOW) for number in (1, 2, 3)] == [0, 0, 1]


def test_a_clock_that_is_put_back_keeps_no_address_waiting():
    limits = ByAddress(size=1, per_second=1)
    limits.take("192.0.2.1", now=after(3600))

    assert limits.take("192.0.2.1", now=NOW) == 0


def test_only_so_many_addresses_are_remembered():
    limits = ByAddress(size=1, per_second=0.001)
    for number in range(10_001):
        limits.take(f"a{number}", now=NOW)

    assert limits.wait("a0", now=NOW) == 0
    assert limits.wait("a10000", now=NOW) > 0


def test_pages_and_wrong_keys_have_room_for_an_office():
    assert PAGES.take("192.0.2.1", now=NOW) == 0
    assert WRONG_KEYS.wait("192.0.2.1", now=NOW) == 0
