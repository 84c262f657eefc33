"""Uploads: a target is handed out, the bytes come, are checked, and expire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from fashion_gen.jobs.database import Database
from fashion_gen.jobs.ids import new_id, utc_now
from fashion_gen.jobs.paging import Page, page
from fashion_gen.jobs.reads import own
from fashion_gen.jobs.states import UploadState, move
from fashion_gen.jobs.tables import Upload
from fashion_gen.jobs.verbs import Verbs

TIME_TO_LIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What the seller announces and declares."""

    name: str
    size: int  #: bytes
    content_type: str
    depicts_person: bool
    consent_reference: str | None = None  #: e.g. the number of the model release
    consent_given_at: datetime | None = None
    sha256: str | None = None


class Uploads(Verbs):
    """The uploads of sellers. The bytes lie in a `Storage` under `storage_key`."""

    def __init__(
        self, database: Database, *, time_to_live: timedelta = TIME_TO_LIVE, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(database, clock=clock)
        self._time_to_live = time_to_live

    def add(self, seller_id: str, new: NewUpload) -> Upload:
        """Announce an upload; its bytes are awaited under "quarantine/{seller}/{upload}"."""
        now = self._clock()
        upload_id = new_id("upl", now)
        upload = Upload(
            id=upload_id,
            created_at=now,
            seller_id=seller_id,
            state=UploadState.AWAITING,
            name=new.name,
            size=new.size,
            content_type=new.content_type,
            sha256=new.sha256,
            storage_key=f"quarantine/{seller_id}/{upload_id}",
            depicts_person=new.depicts_person,
            consent_reference=new.consent_reference,
            consent_given_at=new.consent_given_at,
            expires_at=now + self._time_to_live,
        )
        with self._database.writing() as session:
            session.add(upload)
        return upload

    def get(self, seller_id: str, upload_id: str) -> Upload:
        """One upload. Raises NotFound."""
        with self._database.reading() as session:
            return own(session, Upload, seller_id, upload_id)

    def page(self, seller_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[Upload]:
        """Uploads, newest first. Raises InputError for a cursor that is not ours."""
        query = select(Upload).where(Upload.seller_id == seller_id)
        with self._database.reading() as session:
            return page(session, query, Upload, cursor=cursor, limit=limit)

    def received(self, seller_id: str, upload_id: str, *, sha256: str, size: int, storage_key: str) -> Upload:
        """The bytes came and are what was announced; they lie under `storage_key` now. A repeat changes nothing.

        Raises:
            NotFound: no such upload.
            InvalidMove: it was refused or has expired.
        """
        with self._database.writing() as session:
            upload = own(session, Upload, seller_id, upload_id, lock=True)
            if upload.state is UploadState.RECEIVED and upload.sha256 == sha256:
                return upload
            upload.state = move(upload.state, UploadState.RECEIVED)
            upload.sha256, upload.size, upload.storage_key = sha256, size, storage_key
            return upload

    def refuse(self, seller_id: str, upload_id: str, reason: str) -> Upload:
        """What came is not what was announced. Raises NotFound, InvalidMove."""
        with self._database.writing() as session:
            upload = own(session, Upload, seller_id, upload_id, lock=True)
            upload.state = move(upload.state, UploadState.REFUSED)
            upload.reason = reason
            return upload

    def expire(self, *, limit: int = 100) -> Sequence[Upload]:
        """Mark uploads whose time is over and return them: their bytes are to be deleted."""
        lasting = [state for state in UploadState if state is not UploadState.EXPIRED]
        query = select(Upload).where(Upload.state.in_(lasting), Upload.expires_at < self._clock())
        with self._database.writing() as session:
            due = session.scalars(query.order_by(Upload.expires_at).limit(limit).with_for_update()).all()
            for upload in due:
                upload.state = move(upload.state, UploadState.EXPIRED)
            return due
