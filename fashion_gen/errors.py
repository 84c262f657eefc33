"""Every error this library raises on purpose, and what to do about each.

FashionGenError
├── InputError                 the seller's input is at fault (exit 2)
│   ├── UnreadablePhoto        not a picture we can open, or broken
│   ├── PhotoTooLarge          over the byte or pixel limit
│   ├── PhotoTooSmall          under the smallest useful side
│   ├── GarmentRefused         there is no garment here that we dress (shoes, bag, none, several)
│   ├── InvalidBrief           the request itself asks for something impossible
│   ├── UploadRefused          the bytes that came are not those that were announced
│   ├── LinkRefused            a link is forged, expired or used for something else
│   ├── NotFound               an unknown preset, pose, scene, styling, persona or channel; another seller's row
│   ├── NotAuthenticated       the API key is unknown, expired or revoked
│   └── Conflict               the thing is not in a state that allows this
│       ├── InvalidMove        a state cannot become that other one
│       ├── IdempotencyMismatch   the key was used before with another request
│       └── IdempotencyInFlight   the first request with this key is still at work (retryable)
├── SetupError                 the installation is at fault (exit 3)
│   ├── BackendUnavailable     an optional library or weight file is missing
│   ├── WeightsUntrusted       a weight file is not the one that was pinned
│   ├── LicenceRefused         a weight file may not be used commercially
│   ├── StorageUnavailable     the place for results cannot be read or written (retryable)
│   ├── DatabaseUnavailable    the database does not answer (retryable)
│   └── QueueUnavailable       the message broker does not answer (retryable)
├── GenerationError            the generator failed
│   └── OutOfMemory            even a batch of one does not fit
├── LeaseLost                  somebody else holds the work now; what was done is thrown away
└── Cancelled                  the caller asked to stop

The message of each is one sentence that names the cure.
"""

from __future__ import annotations

from collections.abc import Iterable


class FashionGenError(Exception):
    """Base of every expected error. `retryable`: the same call may succeed later."""

    retryable = False
    exit_code = 3


class InputError(FashionGenError):
    """The input is at fault; trying again will not help."""

    exit_code = 2


class UnreadablePhoto(InputError):
    """The file is not a picture we can open."""


class PhotoTooLarge(InputError):
    """The file has more bytes or pixels than the limit."""


class PhotoTooSmall(InputError):
    """The picture is too small to show a garment."""


class GarmentRefused(InputError):
    """There is no garment in the photo that can be dressed. `code` is stable, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidBrief(InputError):
    """What is asked for is impossible or contradicts itself."""


class UploadRefused(InputError):
    """The bytes that were uploaded are not those that were announced."""


class LinkRefused(InputError):
    """A presigned link is forged, has expired, or is used for something that it does not allow."""


class NotFound(InputError):
    """A name that is not in the catalogue it was looked up in."""

    def __init__(self, noun: str, name: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known))
        super().__init__(f'No {noun} named "{name}".' + (f" Known: {names}." if names else ""))
        self.noun = noun
        self.name = name


class NotAuthenticated(InputError):
    """The API key is unknown, expired or revoked. Which of them is not told."""


class Conflict(InputError):
    """The thing is not in a state that allows this."""


class InvalidMove(Conflict):
    """A state cannot become that other one."""

    def __init__(self, noun: str, current: str, to: str) -> None:
        super().__init__(f"A {noun} that is {current} cannot become {to}: look at its state first.")
        self.noun = noun
        self.current = current
        self.to = to


class IdempotencyMismatch(Conflict):
    """The idempotency key was used before with another request."""


class IdempotencyInFlight(Conflict):
    """The first request with this idempotency key is still at work."""

    retryable = True


class SetupError(FashionGenError):
    """The installation is at fault."""


class BackendUnavailable(SetupError):
    """An optional library or weight file is missing."""


class WeightsUntrusted(SetupError):
    """A weight file does not have the pinned SHA-256."""


class LicenceRefused(SetupError):
    """A weight file may not be used for commerce, and nobody said that this is not commerce."""


class StorageUnavailable(SetupError):
    """The place for results cannot be read or written."""

    retryable = True


class DatabaseUnavailable(SetupError):
    """The database does not answer, is locked or broke the connection."""

    retryable = True


class QueueUnavailable(SetupError):
    """The message broker does not answer. Nothing is lost: the outbox sends again."""

    retryable = True


class GenerationError(FashionGenError):
    """The generator failed for a reason that another seed may cure."""

    retryable = True
    exit_code = 1


class OutOfMemory(GenerationError):
    """Even a batch of one look does not fit into the device's memory."""


class LeaseLost(FashionGenError):
    """Somebody else holds the work now, or it was swept: throw away what was done."""


class Cancelled(FashionGenError):
    """The caller asked to stop."""

    exit_code = 130
