"""All metrics, part by part: what takes too long is left out, and that is told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Final

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from segmentflow.limits import TooSlow, within
from segmentflow.operations.behind import how_far
from segmentflow.operations.metrics.engine import engine
from segmentflow.operations.metrics.sending import sending
from segmentflow.operations.metrics.stored import read_totals
from segmentflow.operations.metrics.system import build, database_up, system
from segmentflow.operations.metrics.traffic import traffic
from segmentflow.sightings import places

logger = logging.getLogger(__name__)

PART_MS: Final = 3_000
Part = Callable[[], Iterable[Metric]]


class Stored(Collector):
    """What is stored at this moment."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        began = time.perf_counter()
        yield build()
        totals = cache(read_totals)
        parts: dict[str, Part] = {
            "traffic": lambda: traffic(totals()),
            "engine": lambda: engine(totals(), how_far(), now=self._now),
            "sending": lambda: sending(totals(), now=self._now),
            "system": lambda: system(places()),
        }
        is_up = True
        failed = GaugeMetricFamily(
            "segmentflow_scrape_failed", "Parts that could not be read", labels=["part"]
        )
        for name, part in parts.items():
            found, problem = _read(part)
            yield from found
            failed.add_metric([name], int(problem is not None))
            is_up = is_up and not isinstance(problem, (DatabaseError, InterfaceError))
        yield failed
        yield database_up(is_up=is_up)
        yield GaugeMetricFamily(
            "segmentflow_scrape_seconds",
            "How long it took to read all this",
            value=time.perf_counter() - began,
        )


def _read(part: Part) -> tuple[list[Metric], Exception | None]:
    try:
        with within(PART_MS):
            return list(part()), None
    except (TooSlow, DatabaseError, InterfaceError) as problem:
        logger.warning("metrics could not be read: %s", problem or "it took too long")
        return [], problem
