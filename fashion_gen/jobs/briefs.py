"""Briefs as JSON: what a job's row keeps."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from fashion_gen.errors import InvalidBrief
from fashion_gen.records import Brief

MAX_LOOKS = 100
_BRIEF = TypeAdapter(Brief)


def to_json(brief: Brief) -> dict[str, Any]:
    """Return plain values that `from_json` makes the same brief of."""
    values: dict[str, Any] = _BRIEF.dump_python(brief, mode="json")
    return values


def from_json(values: dict[str, Any]) -> Brief:
    """Return the brief. Raises InvalidBrief, which names the field."""
    try:
        return _BRIEF.validate_python({**values, "channels": tuple(values.get("channels", ()))})
    except ValidationError as exc:
        first = exc.errors()[0]
        raise InvalidBrief(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from exc


def check_size(brief: Brief) -> None:
    """Raise InvalidBrief where a job would have no looks, or more than `MAX_LOOKS`."""
    if not 1 <= brief.looks <= MAX_LOOKS:
        raise InvalidBrief(f"looks: a job has 1 to {MAX_LOOKS} looks, not {brief.looks}.")
    if not 1 <= brief.max_attempts <= 10:
        raise InvalidBrief(f"max_attempts: 1 to 10 seeds may be tried, not {brief.max_attempts}.")
