"""Asks what may never answer, such as a database that hangs, without hanging as well."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connections

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """It was not answered in time."""


class _Asked(Generic[Answer]):
    """A question in a thread of its own, with a connection of its own."""

    def __init__(self, question: Callable[[], Answer]) -> None:
        self._question = question
        self.answer: Answer | None = None
        self.problem: Exception | None = None
        self.thread = threading.Thread(target=self._ask, daemon=True, name="probe")

    def _ask(self) -> None:
        try:
            self.answer = self._question()
        except Exception as problem:  # noqa: BLE001 - raised where it was asked
            self.problem = problem
        finally:
            connections.close_all()


class Patient(Generic[Answer]):
    """One question at a time: while one hangs, the next is not even asked."""

    def __init__(self, question: Callable[[], Answer], *, seconds: float) -> None:
        self._question, self._seconds = question, seconds
        self._lock = threading.Lock()
        self._asked: _Asked[Answer] | None = None

    def ask(self) -> Answer:
        """Raises NoAnswer, or what the question raised."""
        with self._lock:
            asked = self._asked
            if asked is None or not asked.thread.is_alive():
                asked = self._asked = _Asked(self._question)
                asked.thread.start()
        asked.thread.join(self._seconds)
        if asked.thread.is_alive():
            raise NoAnswer
        if asked.problem is not None:
            raise asked.problem
        return asked.answer  # type: ignore[return-value] # it was answered
