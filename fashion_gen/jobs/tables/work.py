"""What is done for a seller: uploads, garments, jobs, looks, and each attempt at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fashion_gen.jobs import states
from fashion_gen.jobs.ids import LENGTH
from fashion_gen.jobs.tables.base import Row, text_of


class Upload(Row):
    """A photo on its way in. `depicts_person` and consent are what the seller declares."""

    __tablename__ = "uploads"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    state: Mapped[states.UploadState] = mapped_column(text_of(states.UploadState))
    name: Mapped[str] = mapped_column(String(255))  #: the file's name at the seller's
    size: Mapped[int] = mapped_column(BigInteger)  #: bytes
    content_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str | None] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(1024))
    depicts_person: Mapped[bool]
    consent_reference: Mapped[str | None] = mapped_column(String(255))  #: e.g. number of the model release
    consent_given_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(1000))
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "seller_id", "created_at", "id"), Index(None, "state", "expires_at"))


class Claimable(Row):
    """Work that workers claim: one owner at a time, under a lease, fenced by the number of the attempt."""

    __abstract__ = True

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    priority: Mapped[states.Priority] = mapped_column(text_of(states.Priority))
    available_at: Mapped[datetime]  #: not before; orders the queue of a seller
    batch_id: Mapped[str | None] = mapped_column(String(LENGTH))
    dispatched_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)  #: claims so far: the fencing token
    failures: Mapped[int] = mapped_column(default=0)  #: attempts that counted against it
    owner: Mapped[str | None] = mapped_column(String(200))
    lease_expires_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(1000))  #: why it failed, was refused or rejected
    finished_at: Mapped[datetime | None]


def _work_indexes() -> tuple[Index, ...]:
    """The queue of a seller in its order, and leases by their end."""
    return (
        Index(None, "state", "seller_id", "priority", "available_at", "id"),
        Index(None, "state", "lease_expires_at"),
        Index(None, "state", "dispatched_at"),
    )


class Garment(Claimable):
    """What the prepare step makes of an upload."""

    __tablename__ = "garments"

    state: Mapped[states.GarmentState] = mapped_column(text_of(states.GarmentState))
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"))
    kind_asked: Mapped[str | None] = mapped_column(String(24))
    category_asked: Mapped[str | None] = mapped_column(String(24))
    strokes_asked: Mapped[
        dict[str, Any] | None
    ]  #: {"strokes": [{"points": [[x, y]], "include": bool, "width": float}]}
    kind: Mapped[str | None] = mapped_column(String(24))
    category: Mapped[str | None] = mapped_column(String(24))
    preflight: Mapped[dict[str, Any] | None]  #: {"usable": bool, "problems": [...], "garment": {...}}
    files: Mapped[dict[str, Any]]  #: storage keys: "cutout" (RGBA PNG), "packed" (see pack.py)

    __table_args__ = (*_work_indexes(), Index(None, "seller_id", "created_at", "id"), Index(None, "upload_id"))


class Job(Row):
    """One garment x one brief. State and counts are derived from the looks in the transaction that moves them."""

    __tablename__ = "jobs"

    seller_id: Mapped[str] = mapped_column(ForeignKey("sellers.id"))
    garment_id: Mapped[str] = mapped_column(ForeignKey("garments.id"))
    state: Mapped[states.JobState] = mapped_column(text_of(states.JobState))
    priority: Mapped[states.Priority] = mapped_column(text_of(states.Priority))
    preset: Mapped[str] = mapped_column(String(64))
    brief: Mapped[dict[str, Any]]
    external_id: Mapped[str | None] = mapped_column(String(255))  #: the seller's own name for it, e.g. a SKU
    looks: Mapped[int]
    passed: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    cancel_requested_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "seller_id", "created_at", "id"),
        Index(None, "seller_id", "external_id"),
        Index(None, "garment_id"),
        Index(None, "state"),
    )


class Look(Claimable):
    """One picture of a job."""

    __tablename__ = "looks"

    state: Mapped[states.LookState] = mapped_column(text_of(states.LookState))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    number: Mapped[int]  #: its place in the casting, from 0
    seeds_spent: Mapped[int] = mapped_column(default=0)  #: tried before the seller asked for another picture
    preset: Mapped[str] = mapped_column(String(64))
    persona: Mapped[str | None] = mapped_column(String(100))  #: known once it was rendered
    tone: Mapped[int | None]  #: Monk 1-10 as asked; metrics count rejections by it
    seed: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[dict[str, Any] | None]  #: an entry of result.json's "looks"
    files: Mapped[dict[str, Any]]  #: storage keys: "file", "garment_mask", "reference", "channel:<name>"
    review: Mapped[states.Review] = mapped_column(text_of(states.Review), default=states.Review.PENDING)
    cancel_requested_at: Mapped[datetime | None]
    render_ms: Mapped[int | None]  #: what the generator took for it

    __table_args__ = (
        *_work_indexes(),
        UniqueConstraint("job_id", "number"),
        Index(None, "seller_id", "created_at", "id"),
    )


class Attempt(Row):
    """One claim of a look or a garment."""

    __tablename__ = "attempts"

    subject_id: Mapped[str] = mapped_column(String(LENGTH))
    number: Mapped[int]
    owner: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]
    outcome: Mapped[states.AttemptOutcome | None] = mapped_column(text_of(states.AttemptOutcome))
    reason: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (UniqueConstraint("subject_id", "number"),)
