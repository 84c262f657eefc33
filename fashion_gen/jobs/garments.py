"""Garments: added by a seller, prepared by a worker under a lease, waited for by looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fashion_gen.errors import Conflict
from fashion_gen.jobs import idempotency, outbox, settle
from fashion_gen.jobs.idempotency import IdempotencyKey
from fashion_gen.jobs.ids import new_id
from fashion_gen.jobs.leases import Claim, Leases
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.reads import matching, own
from fashion_gen.jobs.states import AttemptOutcome, GarmentState, LookState, Priority, Topic, UploadState
from fashion_gen.jobs.tables import Garment, Job, Look, Upload
from fashion_gen.jobs.verbs import Verbs
from fashion_gen.records import Category, Kind, Stroke


@dataclass(frozen=True, slots=True)
class NewGarment:
    """What the seller says of an upload; what is stated wins over what is seen."""

    upload_id: str
    kind: Kind | None = None
    category: Category | None = None
    priority: Priority = Priority.INTERACTIVE
    strokes: tuple[Stroke, ...] = ()  #: mend the cut-out


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the prepare step found."""

    kind: Kind
    category: Category
    preflight: Mapping[str, Any]
    files: Mapping[str, str]  #: storage keys by role


class Garments(Verbs):
    """The garments of sellers."""

    def add(self, seller_id: str, new: NewGarment, *, once: IdempotencyKey | None = None) -> Garment:
        """Ask for an upload to be prepared; the same `once` gives the same garment.

        Raises:
            NotFound: there is no such upload.
            Conflict: its bytes have not come, were refused or have expired.
            IdempotencyMismatch: `once` was used with another body.
        """
        now = self._clock()
        mine = {"garment_id": new_id("gar", now)}
        with self._database.writing() as session:
            if once is not None:
                reply = idempotency.begin(session, seller_id, once, self._policy, now, reply=mine)
                if reply is not None:
                    return own(session, Garment, seller_id, reply["garment_id"])
            return _insert(session, seller_id, mine["garment_id"], new, now)

    def get(self, seller_id: str, garment_id: str) -> Garment:
        """One garment. Raises NotFound."""
        with self._database.reading() as session:
            return own(session, Garment, seller_id, garment_id)

    def page(
        self, seller_id: str, *, state: GarmentState | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Garment]:
        """Garments, newest first. Raises InputError for a cursor that is not ours."""
        query = select(Garment).where(Garment.seller_id == seller_id, *matching(Garment.state, state))
        with self._database.reading() as session:
            return page(session, query, Garment, cursor=cursor, limit=limit)


class GarmentLeases(Leases[Garment]):
    """Leases on garments."""

    _table = Garment
    _states = GarmentState

    def work(self, claim: Claim) -> tuple[Garment, Upload]:
        """The claimed garment and its upload."""
        query = select(Garment, Upload).join(Upload, Garment.upload_id == Upload.id).where(Garment.id == claim.id)
        with self._database.reading() as session:
            garment, upload = session.execute(query).one()
        return garment, upload

    def ready(self, claim: Claim, found: Prepared) -> None:
        """Keep what was found and queue the looks that waited for it. Raises LeaseLost."""
        with self._database.writing() as session:
            garment = self._held(session, claim)
            garment.kind, garment.category = found.kind.value, found.category.value
            garment.preflight, garment.files = dict(found.preflight), dict(found.files)
            self._end(session, garment, GarmentState.READY, AttemptOutcome.READY, None)
            self._settle(session, [garment.id])

    def refuse(self, claim: Claim, reason: str, preflight: Mapping[str, Any]) -> None:
        """The photo is at fault; looks that waited fail with the same reason. Raises LeaseLost."""
        with self._database.writing() as session:
            garment = self._held(session, claim)
            garment.preflight = dict(preflight)
            self._end(session, garment, GarmentState.REFUSED, AttemptOutcome.REFUSED, reason)
            self._settle(session, [garment.id])

    def _lock(self, session: Session, ids: Sequence[str]) -> None:
        session.execute(select(Garment.id).where(Garment.id.in_(ids)).order_by(Garment.id).with_for_update())

    def _settle(self, session: Session, ids: Sequence[str]) -> None:
        session.flush()
        now = self._clock()
        done = (GarmentState.READY, GarmentState.REFUSED, GarmentState.FAILED)
        query = select(Garment).where(Garment.id.in_(ids), Garment.state.in_(done)).order_by(Garment.id)
        for garment in session.scalars(query).all():
            outbox.put(
                session, Topic.EVENT, f"garment.{garment.state.value}", [garment.id], now, seller_id=garment.seller_id
            )
            _release(session, garment, now)


def _release(session: Session, garment: Garment, now: datetime) -> None:
    """Queue the looks that waited for this garment, or fail them with its reason."""
    waits = select(Look.job_id).join(Job, Look.job_id == Job.id)
    waits = waits.where(Job.garment_id == garment.id, Look.state == LookState.WAITING).distinct()
    jobs = session.scalars(select(Job).where(Job.id.in_(waits)).order_by(Job.id).with_for_update()).all()
    values: dict[str, Any] = {"state": LookState.QUEUED, "available_at": now}
    if garment.state is not GarmentState.READY:
        values = {"state": LookState.FAILED, "reason": garment.reason, "finished_at": now}
    for job in jobs:
        session.execute(update(Look).where(Look.job_id == job.id, Look.state == LookState.WAITING).values(**values))
        settle.settle_job(session, job, now)


def _insert(session: Session, seller_id: str, garment_id: str, new: NewGarment, now: datetime) -> Garment:
    upload = own(session, Upload, seller_id, new.upload_id, lock=True)
    if upload.state is not UploadState.RECEIVED:
        raise Conflict(f"The upload is {upload.state.value}, not received: send its bytes first, or upload again.")
    garment = Garment(
        id=garment_id,
        created_at=now,
        seller_id=seller_id,
        upload_id=upload.id,
        state=GarmentState.QUEUED,
        priority=new.priority,
        available_at=now,
        kind_asked=new.kind and new.kind.value,
        category_asked=new.category and new.category.value,
        strokes_asked={"strokes": [asdict(stroke) for stroke in new.strokes]} if new.strokes else None,
        files={},
    )
    session.add(garment)
    return garment
