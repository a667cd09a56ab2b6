"""What django-q runs for contacts: imports and changes of types, a second at a time, so that live events get in between."""

from __future__ import annotations

import time
from typing import Final

from contacts.imports.running import advance_imports, is_crowded, is_work
from contacts.imports.services import IMPORT, wake
from contacts.imports.storing import drop_old_files
from contacts.retyping import running as retyping
from contacts.retyping.services import RETYPE
from contacts.retyping.services import wake as wake_changes
from segmentflow.clock import current_time
from segmentflow.wakeups import at_work

SECONDS: Final = 1.0
"""After so long a task ends and asks for the next, behind whatever waits by then."""


def run_imports() -> None:
    """Some bites of what waits. When segments fall behind, the watcher asks again later."""
    with at_work(IMPORT):
        drop_old_files(now=current_time())
        until = time.monotonic() + SECONDS
        while not is_crowded() and advance_imports(now=current_time()):
            if time.monotonic() > until:
                break
    if is_work(now=current_time()) and not is_crowded():
        wake()


def run_changes() -> None:
    """Some bites of the types that are being changed."""
    with at_work(RETYPE):
        until = time.monotonic() + SECONDS
        while retyping.advance_changes(now=current_time()) and time.monotonic() < until:
            pass
    if retyping.is_work(now=current_time()):
        wake_changes()
