"""What the OpenAPI description says of requests that are refused for their key."""

from __future__ import annotations

from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What is wrong with a request (RFC 9457), each thing with its place.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {
                    "path": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
WHOLE = {"schema": {"type": "integer"}}
TEXT = {"schema": {"type": "string"}}
LIMITS = {
    "RateLimit": {**TEXT, "description": "What is left: `r`; seconds until all of it is: `t`."},
    "RateLimit-Policy": {**TEXT, "description": "What may be sent: `q` in `w` seconds."},
}
REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "401": (
        "No key, an unknown one, one that was revoked, or one that has expired.",
        {"WWW-Authenticate": TEXT},
    ),
    "403": ("The key has no such scope, or the role of the person does not include it.", {}),
    "429": (
        "More was sent than the key may, or many wrong keys came from this address.",
        {"Retry-After": {**WHOLE, "description": "Seconds."}, **LIMITS},
    ),
}


def add_refusals(result: dict[str, Any], **_about: Any) -> dict[str, Any]:
    """What every operation may answer that takes a key."""
    result.setdefault("components", {}).setdefault("schemas", {}).setdefault("Problem", PROBLEM)
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and operation.get("security"):
                for status, (said, headers) in REFUSALS.items():
                    operation["responses"].setdefault(status, _refusal(said, headers))
    return result


def _refusal(said: str, headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: dict[str, Any] = {"description": said, "content": content}
    return {**told, "headers": headers} if headers else told
