"""Processes that end when the one that started them ends, even by kill -9."""

from __future__ import annotations

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)
_forking = 0


def die_with(parent: int, sig: signal.Signals) -> None:
    """In a new process: get `sig` when `parent` ends. The last thing before exec."""
    _libc.prctl(PR_SET_PDEATHSIG, int(sig))
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


def tie_forks() -> None:
    """From now on every process that this one forks, and theirs, is killed with its parent."""

    def remember() -> None:
        global _forking
        _forking = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: die_with(_forking, signal.SIGKILL))
