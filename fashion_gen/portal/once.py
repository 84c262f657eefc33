"""The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) as what the store understands."""

from __future__ import annotations

from pydantic import BaseModel

from fashion_gen.jobs import IdempotencyKey, fingerprint

REPLAYED = "Idempotency-Replayed"


def once(header: str | None, route: str, body: BaseModel) -> IdempotencyKey | None:
    """What names this request. The body counts by its meaning: spaces and the order of fields make no other request."""
    if header is None:
        return None
    # The draft wants a quoted string; nearly everybody sends it bare. Both are the same key.
    key = header.removeprefix('"').removesuffix('"') or header
    return IdempotencyKey(key, route, fingerprint(body.model_dump_json().encode()))
