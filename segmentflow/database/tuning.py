"""PostgreSQL's settings, sized for the machine."""

from __future__ import annotations

import os
from pathlib import Path

MB = 1024 * 1024


def memory_limit() -> int:
    """Bytes this machine, or the container we are in, may use."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def settings_for(memory: int, *, free: int) -> dict[str, str]:
    """`free`: bytes there are left on the disc of the data directory."""
    return {
        "shared_buffers": _between(128, memory // 4, 16384),
        "effective_cache_size": _between(256, memory // 2, 65536),
        "work_mem": _between(8, memory // 512, 64),
        "maintenance_work_mem": _between(64, memory // 32, 512),
        # Loads and rebuilds write in bursts: few checkpoints, spread out. After each, the first
        # change of a page is logged with all of it, and most events are the first in some page.
        "max_wal_size": _between(1024, min(memory // 2, free // 5), 16384),
        "min_wal_size": "256MB",
        # Of a pass over many contacts, so that it need not write it out itself, in the middle.
        "wal_buffers": _between(4, memory // 256, 64),
        "checkpoint_timeout": "15min",
        # Nobody copies this server by its log, so what was written of it need not be kept in memory: the
        # system is told to forget each file of it that is full, and keeps pages of tables instead.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # What was answered 202 is durable.
        "synchronous_commit": "on",
        # Statements here last milliseconds; compiling them costs more than it saves.
        "jit": "off",
        "random_page_cost": "1.1",
        # Most of what is read are few pages of one contact, mostly in memory: handing these over to
        # processes that read took a tenth of all processor time (docs/performance.md).
        "io_method": "sync",
        "max_connections": "100",
        # Queue-like tables fill with dead rows quickly.
        "autovacuum_naptime": "15s",
        "dynamic_shared_memory_type": _shared_memory(),
        "timezone": "UTC",
        # The supervisor puts the time and the name before every line.
        "log_line_prefix": "%q[%p] ",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        # What was in a row or a statement belongs to people; whoever sent it logs what went wrong.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }


def throwaway_settings() -> dict[str, str]:
    """For a database that nobody misses after a crash."""
    return {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def _between(least: int, wanted: int, most: int) -> str:
    return f"{max(least, min(wanted // MB, most))}MB"


def _shared_memory() -> str:
    """Containers often come with a /dev/shm too small for a parallel query."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - only its size is read
    except OSError:
        return "sysv"
    return "posix" if room.f_bsize * room.f_blocks >= 256 * MB else "sysv"
