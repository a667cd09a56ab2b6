"""What the OpenAPI description says otherwise than it is made: ways to sign in, and anything at all."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # the base has no types
    target_class = "segmentflow.api.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # the same
    target_class = "segmentflow.api.auth.StaffSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def loosen_anything(result: dict[str, Any], **_about: Any) -> dict[str, Any]:
    """“Anything or null” is anything; as it is written, null would be both and so neither."""
    waiting: list[Any] = [result]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if {} in one.get("oneOf", ()):
                del one["oneOf"]
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return result
