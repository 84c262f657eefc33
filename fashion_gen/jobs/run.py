"""What a render worker does with a batch of look ids. Everything is handed in; nothing here knows Celery or torch.

    claim ─▶ load originals ─▶ plan each job's looks ─▶ paint them together ─▶ write files ─▶ finish, fenced

A batch that is asked for twice is done once: the second time nothing can be claimed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from fashion_gen import album, library
from fashion_gen.errors import Cancelled, FashionGenError, LeaseLost, NotFound, StorageUnavailable, UnreadablePhoto
from fashion_gen.jobs import briefs, faults, pack
from fashion_gen.jobs.leases import Claim
from fashion_gen.jobs.looks import Rendered, Work
from fashion_gen.jobs.prepare import drawn, open_original, stated
from fashion_gen.jobs.pulse import Heartbeat
from fashion_gen.jobs.states import LookState
from fashion_gen.jobs.store import Store
from fashion_gen.planning import Plan
from fashion_gen.records import Brief, Garment, Look
from fashion_gen.storage import Storage, result_key
from fashion_gen.studio import Studio

log = logging.getLogger(__name__)

#: Opens the studio of a preset, or returns the warm one.
Studios = Callable[[str], Studio]


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a batch: looks by outcome ("passed", "rejected", "cancelled", "lost", "broke", "put_back").

    `errors` are those that struck; a worker that sees a broken device among them had better be replaced.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    errors: tuple[BaseException, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """A claimed look on its way to the generator."""

    work: Work
    brief: Brief
    channels: tuple[library.Channel, ...]
    plan: Plan


def render(
    look_ids: Sequence[str], *, store: Store, storage: Storage, studios: Studios, owner: str, version: str = "0"
) -> Ran:
    """Render those of the looks that are free; expected errors end in their rows.

    Raises:
        DatabaseUnavailable: nothing could be claimed; the message may come again.
    """
    claims = store.look_leases.claim(look_ids, owner)
    if not claims:
        return Ran()
    with Heartbeat(store.look_leases, claims, every_s=store.policy.heartbeat.total_seconds()) as heart:
        return _Batch(store, storage, studios, heart, version).run(claims)


class _Batch:
    """One batch while it is rendered."""

    def __init__(self, store: Store, storage: Storage, studios: Studios, heart: Heartbeat, version: str) -> None:
        self._leases = store.look_leases
        self._storage = storage
        self._studios = studios
        self._heart = heart
        self._version = version
        self._open: dict[str, Claim] = {}
        self._outcomes: Counter[str] = Counter()
        self._errors: list[BaseException] = []

    def run(self, claims: Sequence[Claim]) -> Ran:
        self._open = {claim.id: claim for claim in claims}
        try:
            works = faults.insist(lambda: self._leases.work(claims))
            for preset, group in groupby(sorted(works, key=_order), key=_preset):
                self._render(preset, list(group))
        except Exception as exc:  # a bug ends this attempt, not the worker; `settle` logs it
            self._broke(list(self._open.values()), exc)
        except BaseException as exc:  # told to stop: what is not finished goes back at once
            self._broke(list(self._open.values()), exc)
            raise
        return Ran(self._outcomes, tuple(self._errors))

    def _render(self, preset: str, works: Sequence[Work]) -> None:
        claims = [work.claim for work in works]
        try:
            studio = self._studios(preset)
        except FashionGenError as exc:
            self._broke(claims, exc)
            return
        planned = [one for _, group in groupby(works, key=_job_id) for one in self._plan(studio, list(group))]
        # A generator takes pictures of one size at a time.
        for _, group in groupby(sorted(planned, key=_size), key=_size):
            self._paint(studio, list(group))

    def _plan(self, studio: Studio, works: Sequence[Work]) -> list[_Planned]:
        """Plan the looks of one job."""
        try:
            brief = briefs.from_json(works[0].job.brief)
            channels = tuple(library.lookup("channel", name, library.channels()) for name in brief.channels)
            worn = self._garment(studio, works[0], brief)
            spent = {work.look.number: work.look.seeds_spent for work in works}
            plans = dict(zip(sorted(spent), studio.plan(worn, brief, only=spent), strict=True))
        except Exception as exc:  # one job's photo must not take the others of the batch with it
            self._broke([work.claim for work in works], exc)
            return []
        return [_Planned(work, brief, channels, plans[work.look.number]) for work in works]

    def _garment(self, studio: Studio, work: Work, brief: Brief) -> Garment:
        """What the prepare step stored, unless the brief says otherwise of the garment than was found."""
        photo, row = open_original(self._storage, work.upload), work.garment
        said = stated(row)
        kind, category = brief.kind or said.kind, brief.category or said.category
        fits = kind in (None, row.kind) and category in (None, row.category)
        if fits and "packed" in row.files:
            try:
                return pack.unpack(self._storage.get(row.files["packed"]), photo)
            except (UnreadablePhoto, NotFound) as exc:  # packed by an older version of ours, or tidied away
                log.warning("%s", exc, extra={"action": "garment_unpacked_anew", "garment_id": row.id})
        return studio.extract(photo, Brief(kind=kind, category=category), strokes=drawn(row))

    def _paint(self, studio: Studio, planned: Sequence[_Planned]) -> None:
        ids = [one.work.claim.id for one in planned]
        try:
            looks = studio.paint([one.plan for one in planned], cancelled=lambda: self._heart.unwanted(ids))
        except Cancelled as exc:
            for one in planned:
                self._stopped(one.work.claim, exc)
            return
        except Exception as exc:  # the generator's own, or a CUDA error of torch, which this module does not know
            self._broke([one.work.claim for one in planned], exc)
            return
        for one, look in zip(planned, looks, strict=True):
            self._keep(one, look)

    def _keep(self, one: _Planned, look: Look) -> None:
        """Write the files of a look, then finish it: a row never points to a file that is not there."""
        claim, job = one.work.claim, one.work.job
        if self._heart.lost(claim.id) or self._heart.cancelled(claim.id):
            self._stopped(claim, None)
            return
        folder = _Folder(self._storage, result_key(claim.seller_id, job.id, claim.id, str(claim.attempt)))
        try:
            entry = album.write_look(folder.put, one.plan.worn, look, one.channels, stem="look", version=self._version)
            done = _rendered(entry, folder, look)
            state = faults.insist(lambda: self._leases.finish(claim, done))
        except LeaseLost:
            folder.forget()
            self._ended(claim, "lost")
        except Exception as exc:  # a full disk, say: the others of the batch may still fit
            folder.forget()
            self._broke([claim], exc)
        else:
            if state is LookState.CANCELLED:
                folder.forget()
            self._ended(claim, state.value)

    def _stopped(self, claim: Claim, error: Cancelled | None) -> None:
        """A look that was cancelled or lost; one that was neither had its batch stopped under it and goes back."""
        if self._heart.lost(claim.id):
            self._ended(claim, "lost")
            return
        with faults.left_to_the_sweeper(claim):
            if self._heart.cancelled(claim.id):
                faults.insist(lambda: self._leases.cancelled(claim))
            else:
                faults.insist(lambda: self._leases.give_back(claim, str(error)))
        self._ended(claim, "cancelled" if self._heart.cancelled(claim.id) else "put_back")

    def _broke(self, claims: Iterable[Claim], error: BaseException) -> None:
        self._errors.append(error)
        for claim in claims:
            fault = faults.settle(self._leases, claim, error)
            self._ended(claim, "put_back" if fault is faults.Fault.OURS_FOR_NOW else "broke")

    def _ended(self, claim: Claim, outcome: str) -> None:
        self._heart.done(claim.id)
        self._open.pop(claim.id, None)
        self._outcomes[outcome] += 1
        log.info("look %s", outcome, extra={"action": f"look_{outcome}", **faults.ids(claim)})


class _Folder:
    """The files of one attempt at one look."""

    def __init__(self, storage: Storage, place: str) -> None:
        self._storage = storage
        self.place = place
        self.keys: list[str] = []

    def put(self, name: str, data: bytes) -> None:
        key = f"{self.place}/{name}"
        self._storage.put(key, data)
        self.keys.append(key)

    def forget(self) -> None:
        """Take the files back: nobody will point to them."""
        for key in self.keys:
            with suppress(StorageUnavailable):  # what cannot be deleted now only takes up room
                self._storage.delete(key)


def _rendered(entry: dict[str, Any], folder: _Folder, look: Look) -> Rendered:
    roles = {role: f"{folder.place}/{entry[role]}" for role in ("file", "garment_mask", "reference")}
    roles |= {f"channel:{name}": f"{folder.place}/{file}" for name, file in entry["channels"].items()}
    return Rendered(
        passed=look.inspection.passed,
        reason=None if look.inspection.passed else "; ".join(look.inspection.reasons),
        result=entry,
        files=roles,
        persona=look.persona.name,
        tone=look.persona.tone,
        seed=look.seed,
        render_ms=round(1000 * look.seconds.get("generate", 0.0)),
    )


def _order(work: Work) -> tuple[str, str, int]:
    return work.look.preset, work.job.id, work.look.number


def _preset(work: Work) -> str:
    return work.look.preset


def _job_id(work: Work) -> str:
    return work.job.id


def _size(one: _Planned) -> tuple[int, int]:
    return one.plan.shot.size
