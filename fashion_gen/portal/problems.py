"""Errors as RFC 9457 problems: which status an error of ours has, by the nearest class in its MRO."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from fashion_gen import errors

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str | None = Field(default=None, description="where in the body, a JSON pointer (RFC 6901)")
    parameter: str | None = Field(default=None, description="or which parameter, header or cookie")
    code: str = Field(description="stable, for programs")
    detail: str = Field(description="what is wrong and what would be right")


class Problem(BaseModel):
    """What went wrong (RFC 9457) and whether the same request may succeed later."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:fashion-gen:problem:not_found",
                    "title": "Not Found",
                    "status": 404,
                    "detail": 'No job named "job_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f".',
                    "instance": "/v1/jobs/job_0199f3c2a1b07d0c5e1f2a3b4c5d6e7f",
                    "code": "not_found",
                    "retryable": False,
                    "request_id": "0f8f2f0c8d4b4a3d9a1b2c3d4e5f6a7b",
                }
            ]
        }
    )

    type: str = Field(description="a name for this kind of problem")
    title: str
    status: int
    detail: str = Field(description="one sentence that names the cure")
    instance: str = Field(description="the path that was asked for")
    code: str = Field(description="stable, for programs")
    retryable: bool = Field(description="whether the same request may succeed later")
    request_id: str = Field(description="quote it when you ask for help; the header X-Request-ID carries it too")
    errors: list[FieldError] | None = Field(default=None, description="what is wrong, piece by piece")


class InvalidRequest(errors.InputError):
    """The body is well formed but asks for what there is not, field by field."""

    def __init__(self, faults: Sequence[FieldError]) -> None:
        super().__init__(faults[0].detail)
        self.faults = faults


class Forbidden(errors.InputError):
    """The key is valid but may not do this."""


class UnsupportedMediaType(errors.InputError):
    """The body is of a type that this route does not take."""


class BodyTooLarge(HTTPException):
    """The body has more bytes than this route takes. Raised while FastAPI reads it, which lets only this kind through."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body has more than {limit:,} bytes, which is the most that this address takes.")


class LengthRequired(errors.InputError):
    """The body's length must be said beforehand."""


class TooManyRequests(errors.FashionGenError):
    """The seller asks more often than allowed. `headers` say when to ask again."""

    retryable = True

    def __init__(self, message: str, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.headers = headers


#: The status of each error; one that is not named here has that of its nearest ancestor.
STATUSES: Mapping[type[BaseException], int] = {
    errors.InputError: 422,
    errors.NotAuthenticated: 401,
    errors.LinkRefused: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.IdempotencyMismatch: 422,
    errors.SetupError: 503,
    errors.GenerationError: 503,
    errors.FashionGenError: 500,
    InvalidRequest: 422,
    Forbidden: 403,
    UnsupportedMediaType: 415,
    LengthRequired: 411,
    TooManyRequests: 429,
}

#: What a seller is told where the house is at fault: the message itself may name servers and folders, and is logged.
_OURS = {
    503: "The service cannot do this at the moment: try again shortly.",
    500: "Something unexpected happened on our side: try again, and quote the request id if it happens again.",
}


def install(app: FastAPI) -> None:
    """Make every error that leaves the app a problem."""
    app.add_exception_handler(errors.FashionGenError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: BaseException) -> int:
    """The status of the nearest class in the error's MRO; 500 where none is ours."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def code_of(error: BaseException) -> str:
    """The error's name in snake_case, or the code that it carries: stable, for programs."""
    own = getattr(error, "code", None)
    if isinstance(own, str):
        return own
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def title_of(status: int) -> str:
    """The status in words, as RFC 9110 has them; older Pythons know older ones."""
    return {413: "Content Too Large", 422: "Unprocessable Content"}.get(status, HTTPStatus(status).phrase)


def respond(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    retryable: bool = False,
    faults: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for one problem."""
    request_id = _id_of(request)
    problem = Problem(
        type=f"urn:fashion-gen:problem:{code}",
        title=title_of(status),
        status=status,
        detail=detail,
        instance=request.url.path,
        code=code,
        retryable=retryable,
        request_id=request_id,
        errors=list(faults) or None,
    )
    body = problem.model_dump(exclude_none=True)
    # Said here too: a response to a bug is sent from outside of `middleware.Requests`.
    told = {**(headers or {}), "X-Request-ID": request_id}
    # In ASCII: names that callers made up are quoted, and half a surrogate pair has no UTF-8.
    return Response(json.dumps(body), status, headers=told, media_type=MEDIA_TYPE)


def pointer(*path: str | int) -> str:
    """A JSON pointer as a URI fragment, such as "#/brief/looks"."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _ours(request: Request, error: Exception) -> Response:
    status = status_of(error)
    detail = _OURS.get(status, str(error))
    if status in _OURS:
        log.warning(
            "%s", error, exc_info=status == 500, extra={"action": "request_failed", "request_id": _id_of(request)}
        )
    headers = dict(getattr(error, "headers", {}))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "5"
    faults = getattr(error, "faults", ())
    retryable = bool(getattr(error, "retryable", False))
    return respond(request, status, code_of(error), detail, retryable=retryable, faults=faults, headers=headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(fault["loc"][0] == "path" for fault in found):  # what is no id of ours names nothing
        return respond(request, 404, "not_found", "There is nothing at this address: check the id.")
    if any(fault["type"] == "json_invalid" for fault in found):
        return respond(request, 400, "malformed_json", "The body is not JSON: mend it.")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if error.body and kind != "application/json":
        return respond(
            request, 415, "unsupported_media_type", "Send JSON, with the header Content-Type: application/json."
        )
    faults = [_fault(fault) for fault in found]
    where = faults[0].pointer or faults[0].parameter
    return respond(request, 422, "invalid_request", f"{where}: {faults[0].detail}", faults=faults)


def _fault(fault: Mapping[str, Any]) -> FieldError:
    """One of pydantic's errors, without the value that was sent: it may be a secret."""
    kind, *path = fault["loc"]
    detail = str(fault["msg"]).removeprefix("Value error, ")
    if kind == "body":
        return FieldError(pointer=pointer(*path), code=fault["type"], detail=detail)
    return FieldError(parameter=str(path[0]) if path else kind, code=fault["type"], detail=detail)


def _http(request: Request, error: Exception) -> Response:
    """Errors of the framework itself: an unknown path, a method that a path does not take."""
    assert isinstance(error, HTTPException)
    phrase = title_of(error.status_code)
    if isinstance(error, BodyTooLarge):
        return respond(request, 413, error.code, error.detail)
    code = re.sub(r"[^a-z]+", "_", phrase.lower()).strip("_")
    detail = {
        404: "There is nothing at this address: see /v1/openapi.json for what there is.",
        405: f"This address does not take {request.method}: see the header Allow.",
    }.get(error.status_code, f"{phrase}.")
    return respond(request, error.status_code, code, detail, headers=error.headers)


def _gone(request: Request, error: Exception) -> Response:
    """The client hung up in the middle of its body: nobody reads this, and nothing was written."""
    return respond(request, 400, "client_disconnected", "The body ended early: send it again.", retryable=True)


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s", type(error).__name__, exc_info=error, extra={"action": "bug", "request_id": _id_of(request)})
    return respond(request, 500, "internal_error", _OURS[500], retryable=True)


def _id_of(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
