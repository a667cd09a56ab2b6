"""After a fault: did everything come back by itself, and is everything right."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.faults.probing import dishonest, said_by
from bench.faults.world import World
from tests.system.load import stored_message_ids

LOOK_SECONDS = 0.1
CHECKS = 5
"""Time moves contacts while members are compared: what is wrong stays wrong."""
PATIENCE = 120.0
"""Seconds after which something that should have happened is taken not to happen."""
OPEN_MESSAGES = """
    SELECT count(*) FROM campaigns_message WHERE state IN (1, 2)
        OR (state = 0 AND due_at <= clock_timestamp())
"""


@dataclass
class Verdict:
    kind: str
    seconds: float
    """How long the fault lasted."""
    back_seconds: float = 0.0
    """From its end until pages, events and the cluster were there."""
    settled_seconds: float = 0.0
    """Until everything that was sent had been followed."""
    said: dict[str, int] = field(default_factory=dict)
    """What pages, status and events were answered meanwhile, and how often."""
    wrong: list[str] = field(default_factory=list)
    notes: str = ""


def wait(happened: Callable[[], bool], seconds: float) -> float | None:
    """How many seconds that took; None: it did not happen."""
    begun = time.monotonic()
    while not happened():
        if time.monotonic() - begun > seconds:
            return None
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def judge(world: World, verdict: Verdict, *, within: float, tells: str) -> None:
    """`within`: seconds in which all has to be back; `tells`: what somebody must have been told, as a pattern."""
    _wait_until_back(world, verdict, within)
    _wait_until_settled(world, verdict)
    _look_at_answers(world, verdict, tells)
    for look in (_events, _memberships, _webhook, _mails):
        verdict.wrong += look(world)


def _wait_until_back(world: World, verdict: Verdict, within: float) -> None:
    begun = time.monotonic()
    took = wait(lambda: world.stream.taken_at > begun and world.is_up(), PATIENCE)
    verdict.back_seconds = PATIENCE if took is None else took
    if took is None or took > within:
        verdict.wrong.append(f"not back within {within:.0f} s")


def _wait_until_settled(world: World, verdict: Verdict) -> None:
    begun = time.monotonic()
    if not world.stream.pause(seconds=PATIENCE):
        verdict.wrong.append("somebody was not answered any more")
    if wait(lambda: world.is_caught_up() and not _is_building(world), PATIENCE) is None:
        verdict.wrong.append("changes were not followed any more")
    verdict.settled_seconds = verdict.back_seconds + time.monotonic() - begun


def _is_building(world: World) -> bool:
    return bool(world.query("SELECT FROM segments_rebuild WHERE state = 'building' LIMIT 1"))


def _look_at_answers(world: World, verdict: Verdict, tells: str) -> None:
    said, wrong = world.prober.seen()
    for answer in world.stream.seen():
        said[f"events: {said_by(answer, '')}"] += 1
        if problem := dishonest(answer, "api /events"):
            wrong.append(problem)
    verdict.said = dict(said.most_common())
    verdict.wrong += sorted(set(wrong))
    if tells and not any(re.search(tells, one) for one in said):
        verdict.wrong.append(f"nobody was told: {tells}")


def _events(world: World) -> list[str]:
    ledger = world.stream.ledger
    stored = stored_message_ids(world.url)
    wrong = [f"refused: {text}" for text in ledger.refused]
    if lost := ledger.answered - set(stored):
        wrong.append(f"{len(lost)} events were answered 202 and are lost, such as {min(lost)}")
    if len(stored) > len(set(stored)):
        wrong.append(f"{len(stored) - len(set(stored))} events are stored twice")
    if invented := set(stored) - ledger.sent:
        wrong.append(f"{len(invented)} events are stored that nobody sent")
    return wrong


def _memberships(world: World) -> list[str]:
    found: set[str] | None = None
    for _ in range(CHECKS):
        checked = world.installation.manage("check_memberships")
        lines = set(checked.stdout.splitlines()) if checked.returncode else set()
        if checked.returncode and not lines:
            return [f"check_memberships: {checked.stderr[-300:]}"]
        found = lines if found is None else found & lines
        if not found:
            return []
    return [f"memberships are wrong: {len(found or ())}, such as {min(found or ('',))}"]


def _webhook(world: World) -> list[str]:
    told, lock = world.receiver.told, world.receiver.lock

    def is_all_told() -> bool:
        members = world.members()
        with lock:
            return told.members() == members

    took = wait(is_all_told, PATIENCE)
    with lock:
        wrong, told.wrong = told.wrong, []
        members = told.members()
    if took is None:
        differing = members ^ world.members()
        wrong.append(f"the webhook does not know of {len(differing)}, such as {min(differing)}")
    return wrong


def _mails(world: World) -> list[str]:
    if wait(lambda: world.query(OPEN_MESSAGES) == [(0,)], PATIENCE) is None:
        return ["messages are not sent any more"]
    rows = world.query(
        "SELECT c.email, m.state FROM campaigns_message m JOIN contacts_contact c ON c.id = m.contact_id"
    )
    sent = {email for email, state in rows if state == 3}
    perhaps = {email for email, state in rows if state == 5}
    wait(lambda: sent <= world.mails.taken.keys(), 10)
    got = set(world.mails.taken)
    wrong = []
    if world.mails.twice:
        wrong.append(f"{len(world.mails.twice)} mails came twice, such as {world.mails.twice[0]}")
        world.mails.twice = []
    if missing := sent - got:
        wrong.append(f"{len(missing)} mails are said to be sent and never came")
    if unsaid := got - sent - perhaps:
        wrong.append(f"{len(unsaid)} mails came and are not said to be sent")
    return wrong
