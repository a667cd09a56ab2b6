"""Sessions in the database, with who they are of and where from in columns of their own.

Everything stands in the data of the session, from which each save makes the row anew; so it stays
right when Django changes a session's key. `settings.SESSION_ENGINE` names this module.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

BEGAN, SEEN, REF, HOW, ADDRESS, AGENT = "began", "seen", "ref", "how", "address", "agent"
ANONYMOUS: Final = timedelta(hours=1)
"""Enough for signing in."""


class SessionStore(DatabaseStore):
    # The library's types do not know the parts that Django has for its stores.
    @classmethod
    def get_model_class(cls) -> Any:
        from segmentflow.signin.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        if SESSION_KEY in data and BEGAN not in data:
            data[BEGAN] = data[SEEN] = int(timezone.now().timestamp())
            data[REF] = uuid.uuid4().hex
        row = self.get_model_class()(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined] # see above
            session_data=self.encode(data),
            expire_date=expires_at(data),
            user_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            how=data.get(HOW, ""),
            address=data.get(ADDRESS),
            user_agent=data.get(AGENT, ""),
            signed_in_at=_moment(data.get(BEGAN)),
            seen_at=_moment(data.get(SEEN)),
        )
        if REF in data:
            row.ref = uuid.UUID(data[REF])
        return row

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Under a new key it is another row, while the one of before is still there."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined] # the same
        if must_create and REF in data:
            data[REF] = uuid.uuid4().hex
        super().save(must_create=must_create)

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        return expires_at(self._session)  # type: ignore[attr-defined] # the same

    def get_expiry_age(self, **kwargs: Any) -> int:
        left = self.get_expiry_date() - timezone.now()
        return max(0, int(left.total_seconds()))


def expires_at(data: dict[str, Any]) -> datetime:
    """When nobody came for a while, and in any case some days after signing in."""
    began, seen = _moment(data.get(BEGAN)), _moment(data.get(SEEN))
    if began is None or seen is None:
        return timezone.now() + ANONYMOUS
    idle, whole = settings.SESSION_IDLE, settings.SESSION_WHOLE
    return min(seen + idle, began + whole)


def _moment(stamp: int | None) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
