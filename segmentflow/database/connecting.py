"""How Django reaches the database.

On another machine either side notices soon when the other is gone: a machine that loses its power says no
goodbye, and its sessions, with the locks that say who sends and who exports, would outlive it by two hours.
"""

from __future__ import annotations

from typing import Any, Final

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

POSTGRESQL: Final = "django.db.backends.postgresql"
WANTED: Final = (
    "DATABASE_URL has to be like postgresql://user:password@host:5432/name, with what is special in a"
    " name or password written as in addresses: @ is %40, / is %2F."
)
IDLE_SECONDS: Final = 5
INTERVAL_SECONDS: Final = 3
COUNT: Final = 3
LOST_SECONDS: Final = IDLE_SECONDS + COUNT * INTERVAL_SECONDS
"""After so long without an answer the other side is given up."""


def database_settings(url: str, *, embedded_url: str) -> dict[str, Any]:
    """For DATABASES of Django; without a URL the embedded server, which is started for the time of a
    command when it does not run.

    What the URL says by itself stays. Raises ImproperlyConfigured for one that names no PostgreSQL.
    """
    try:
        parsed = dj_database_url.parse(
            url or embedded_url, conn_max_age=600, conn_health_checks=True
        )
    except (dj_database_url.UnknownSchemeError, dj_database_url.ParseError):
        raise ImproperlyConfigured(WANTED) from None
    settings: dict[str, Any] = {**parsed}
    if settings["ENGINE"] != POSTGRESQL or not settings["NAME"]:
        raise ImproperlyConfigured(WANTED)
    options = settings.setdefault("OPTIONS", {})
    # Compiling our statements takes servers longer than running them.
    options.setdefault("options", "-c jit=off")
    # Statements that come again and again are prepared (segments/engine/prepared.py).
    options.setdefault("prepare_threshold", 3)
    if url:
        _reach_far(options)
    else:
        settings["ENGINE"] = "segmentflow.database.backend"
    return settings


def _reach_far(options: dict[str, Any]) -> None:
    """Ask for signs of life on both sides; these say nothing to a unix socket."""
    options.setdefault("connect_timeout", 10)
    probes = {"idle": IDLE_SECONDS, "interval": INTERVAL_SECONDS, "count": COUNT}
    for name, number in probes.items():
        options.setdefault(f"keepalives_{name}", number)
    options.setdefault("tcp_user_timeout", LOST_SECONDS * 1000)
    server = " ".join(f"-c tcp_keepalives_{name}={number}" for name, number in probes.items())
    options["options"] = f"{server} {options['options']}"
