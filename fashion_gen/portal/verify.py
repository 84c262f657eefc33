"""Verify: what a picture says about itself, and whether it is as it was written."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from fashion_gen import images, label
from fashion_gen.portal.auth import Reader
from fashion_gen.portal.problems import UnsupportedMediaType

router = APIRouter(prefix="/v1/verify", tags=["verify"])

MAX_BYTES = images.MAX_BYTES
_TYPES = (*sorted(images.MEDIA_TYPES), "application/octet-stream")


class ProblemOut(BaseModel):
    """Something wrong with a file's labels."""

    code: str
    message: str
    cure: str


class VerifyOut(BaseModel):
    """What was read."""

    intact: bool = Field(description="labelled as ours are, pixels unchanged, nothing speaks against it")
    labelled: bool = Field(description="says, as IPTC and as AIGC metadata, that it was generated")
    pixels_intact: bool | None = Field(description="null: the label holds no digest to compare with")
    source_type: str | None = Field(description="IPTC digital source type, a URI")
    aigc: dict[str, str] | None
    producer: str | None
    problems: list[ProblemOut]


async def _picture(request: Request) -> bytes:
    """The raw body. Async, because bytes flow; what is done with them happens in a thread."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise UnsupportedMediaType(
            f"Send the picture itself as the body, with one of these types: {', '.join(_TYPES)}."
        )
    return await request.body()


@router.post(
    "",
    summary="Read the labels of a picture",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "the picture itself",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
        }
    },
)
def verify(caller: Reader, data: Annotated[bytes, Depends(_picture)]) -> VerifyOut:
    report = label.verify(data)
    return VerifyOut(
        intact=report.intact,
        labelled=report.labelled,
        pixels_intact=report.pixels_intact,
        source_type=report.source_type,
        aigc=None if report.aigc is None else dict(report.aigc),
        producer=report.producer,
        problems=[ProblemOut(code=p.code, message=p.message, cure=p.cure) for p in report.problems],
    )
