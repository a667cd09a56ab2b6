"""A network between two programs that can be slow, silent or cut."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

CHUNK = 64 * 1024


class Network:
    """Leads from a port of its own to another one of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.delay = 0.0
        """Seconds that each piece is late by."""
        self._is_cut = False
        self._open = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    def cut(self) -> None:
        """Connections end, and new ones come to nothing."""
        self._is_cut = True
        self._do(self._end_all())

    def silence(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._do(self._set(is_open=False))

    def mend(self) -> None:
        self._is_cut, self.delay = False, 0.0
        self._do(self._set(is_open=True))

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _listen(self) -> None:
        self._open.set()
        server = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _set(self, *, is_open: bool) -> None:
        (self._open.set if is_open else self._open.clear)()

    async def _end_all(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _lead(self, here: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._tasks.add(task)
        there = None
        try:
            if self._is_cut:
                return
            there, requests = await asyncio.open_connection("127.0.0.1", self.target)
            ways = [
                asyncio.ensure_future(self._pass(here, requests)),
                asyncio.ensure_future(self._pass(there, answers)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                requests.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            if there is None or self._is_cut:
                answers.transport.abort()
            else:
                answers.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._open.wait()
                target.write(piece)
                await target.drain()
