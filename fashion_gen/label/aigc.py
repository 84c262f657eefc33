"""The implicit label of China's Labeling Measures: seven strings in a fixed order.

GB 45438-2025, annex E, with the picture guide TC260-PG-20259A. A file carries exactly one (clause 6.1 c), as the XMP
property `TC260:AIGC`. Pictures of other makers may carry it in a PNG `tEXt` chunk or in EXIF instead (annex B).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from fashion_gen.errors import SetupError

FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
GENERATED = "1"

# Annex E j): GB 18030 code points 21, 23-5B, 5D-7E; no space, no quote, no backslash, nothing outside ASCII.
_CHARSET = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]*")


def write(producer: str, produce_id: str, integrity: str = "") -> str:
    """Return the label as JSON. `integrity` is the producer's own check value (ReservedCode1).

    Raises SetupError where a value holds a character that the standard does not allow.
    """
    # Annex E note 1: at the first writing the propagator is the producer.
    values = (GENERATED, producer, produce_id, integrity, producer, produce_id, "")
    for field, value in zip(FIELDS, values, strict=True):
        if not _CHARSET.fullmatch(value):
            raise SetupError(
                f'The label\'s {field} "{value}" may hold only ASCII letters, digits and signs other than spaces, '
                "quotes and backslashes: use a code instead of a name."
            )
    return json.dumps(dict(zip(FIELDS, values, strict=True)), separators=(",", ":"))


def parse(text: str) -> Mapping[str, str] | None:
    """Return the seven fields, or None where `text` is not a label as the standard asks for it."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or tuple(fields) != FIELDS:
        return None
    if not all(isinstance(value, str) and _CHARSET.fullmatch(value) for value in fields.values()):
        return None
    return fields
