"""What workers do, with the real studio around a generator that paints at once: from an upload to files and a bill."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from fashion_gen import images, quality
from fashion_gen.errors import Cancelled, GenerationError, NotFound, StorageUnavailable
from fashion_gen.generate.base import Shot
from fashion_gen.jobs import NewGarment, NewJob, NewUpload, Policy, Store, pack
from fashion_gen.jobs.prepare import prepare
from fashion_gen.jobs.run import Ran, render
from fashion_gen.jobs.states import GarmentState, JobState, LookState
from fashion_gen.jobs.tables import Job, Look
from fashion_gen.jobs.testing import StandingClock
from fashion_gen.records import Brief, Category, Picture, Stroke
from fashion_gen.storage import Storage
from fashion_gen.studio import Parts, Studio
from fashion_gen.testing import EchoGenerator, FixedSegmenter, MemoryStorage
from tests.contract.job_store import looks_of, open_store


def shirt_file() -> bytes:
    """A teal T-shirt, cut out, as PNG."""
    outline = np.array(
        [(220, 80), (280, 110), (320, 110), (380, 80), (520, 160), (470, 270), (420, 240), (420, 600)]
        + [(180, 600), (180, 240), (130, 270), (80, 160)]
    )
    alpha = np.zeros((700, 600), np.uint8)
    cv2.fillPoly(alpha, [outline], 255, cv2.LINE_AA)
    rgba = np.dstack([np.full((700, 600, 3), (20, 120, 130), np.uint8), alpha])
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "PNG")
    return file.getvalue()


class Recording(EchoGenerator):
    """Remembers its batches; does what it is told to at each."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[int]] = []
        self.at_work: Callable[[], None] = lambda: None

    def generate(self, shots: Sequence[Shot], **more: Any) -> list[Picture]:
        if shots[0].strength is None:  # their heads are painted once more
            self.batches.append([shot.seed for shot in shots])
            self.at_work()
        return super().generate(shots, **more)


class FullDisk(MemoryStorage):
    """A disk with room for so many files."""

    def __init__(self) -> None:
        super().__init__()
        self.room = 1000

    def put(self, key: str, data: bytes) -> None:
        if len(self.files) >= self.room:
            raise StorageUnavailable("The disk is full: free some disk space.")
        super().put(key, data)


class Service:
    """A store, a storage and a studio, and one seller with them."""

    def __init__(self, folder: Path) -> None:
        self.clock = StandingClock()
        self.store: Store = open_store(folder, self.clock, Policy())
        self.storage = FullDisk()
        self.generator = Recording()
        self.studio = Studio(Parts(self.generator, FixedSegmenter(), quality.Judge(), version="1"))
        self.seller = self.store.sellers.add("Ada").id
        self.file = shirt_file()

    def upload(self, data: bytes | None = None, *, strokes: tuple[Stroke, ...] = ()) -> str:
        data = data or self.file
        new = NewUpload("shirt.png", len(data), "image/png", depicts_person=False)
        upload = self.store.uploads.add(self.seller, new)
        key = f"originals/{self.seller}/{upload.id}"
        self.storage.put(key, data)
        sha = hashlib.sha256(data).hexdigest()
        self.store.uploads.received(self.seller, upload.id, sha256=sha, size=len(data), storage_key=key)
        return self.store.garments.add(self.seller, NewGarment(upload.id, strokes=strokes)).id

    def prepare(self, garment_id: str, storage: Storage | None = None) -> None:
        extract = self.studio.extract
        prepare(garment_id, store=self.store, storage=storage or self.storage, extract=extract, owner="p1")

    def submit(self, garment_id: str, brief: Brief) -> Job:
        return self.store.jobs.add(self.seller, NewJob(garment_id, brief, "mini")).job

    def render(self, looks: Sequence[Look], owner: str = "r1") -> Ran:
        return render(
            [look.id for look in looks],
            store=self.store,
            storage=self.storage,
            studios=lambda _preset: self.studio,
            owner=owner,
        )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def garment(service: Service) -> str:
    garment_id = service.upload()
    service.prepare(garment_id)
    return garment_id


TWO = Brief(looks=2, casting="lerato,kiran", max_attempts=1)


def test_an_upload_becomes_looks_files_and_a_bill(service: Service, garment: str) -> None:
    row = service.store.garments.get(service.seller, garment)
    assert (row.state, row.category) == (GarmentState.READY, "top")
    assert row.preflight is not None
    assert row.preflight["usable"]
    job = service.submit(garment, TWO)
    ran = service.render(looks_of(service.store, job))
    assert ran.outcomes == {"passed": 2}
    assert service.store.jobs.get(service.seller, job.id).state is JobState.SUCCEEDED
    for look in looks_of(service.store, job):
        assert look.files["file"] == f"results/{service.seller}/{job.id}/{look.id}/1/look.png"
        assert images.decode(service.storage.get(look.files["file"])).shape[2] == 3
        assert all(service.storage.exists(key) for key in look.files.values())
        assert look.result is not None
        assert look.result["persona"]["name"] == look.persona
    assert len(service.store.ledger.page(service.seller).rows) == 2
    assert len(service.generator.batches) == 1


def test_a_look_is_the_same_picture_alone_and_with_others(service: Service, garment: str) -> None:
    together, alone = service.submit(garment, TWO), service.submit(garment, TWO)
    service.render(looks_of(service.store, together))
    for look in reversed(looks_of(service.store, alone)):
        service.render([look])
    pairs = zip(looks_of(service.store, together), looks_of(service.store, alone), strict=True)
    for one, other in pairs:
        assert one.seed == other.seed
        assert service.storage.get(one.files["file"]) == service.storage.get(other.files["file"])


def test_looks_of_several_jobs_are_painted_in_one_batch(service: Service, garment: str) -> None:
    jobs = [service.submit(garment, Brief(looks=1, casting=name, max_attempts=1)) for name in ("lerato", "kiran")]
    looks = [looks_of(service.store, job)[0] for job in jobs]
    assert service.render(looks).outcomes == {"passed": 2}
    assert [len(batch) for batch in service.generator.batches] == [2]


def test_another_picture_has_another_seed_and_the_same_person(service: Service, garment: str) -> None:
    job = service.submit(garment, Brief(looks=1, casting="lerato", max_attempts=2))
    [before] = looks_of(service.store, job)
    service.render([before])
    [first] = looks_of(service.store, job)
    service.store.looks.retry(service.seller, first.id)
    service.render([first])
    [second] = looks_of(service.store, job)
    assert first.seed is not None
    assert (second.persona, second.seed) == (first.persona, first.seed + 2)
    assert first.files != second.files


def test_a_message_that_comes_twice_is_done_once(service: Service, garment: str) -> None:
    looks = looks_of(service.store, service.submit(garment, TWO))
    service.render(looks)
    assert service.render(looks).outcomes == {}
    assert len(service.generator.batches) == 1


def test_the_stored_garment_is_exact(service: Service, garment: str) -> None:
    photo = images.open_photo(service.file, name="shirt.png")
    seen = service.studio.extract(photo, Brief())
    row = service.store.garments.get(service.seller, garment)
    stored = pack.unpack(service.storage.get(row.files["packed"]), photo)
    for name in ("matte", "colour", "inside"):
        assert np.array_equal(getattr(stored, name), getattr(seen, name))
        assert getattr(stored, name).dtype == getattr(seen, name).dtype
    assert (stored.kind, stored.category, stored.landmarks) == (seen.kind, seen.category, dict(seen.landmarks))
    assert stored.problems == seen.problems


def test_strokes_of_the_seller_mend_the_cut_out_also_where_a_brief_has_it_cut_anew(service: Service) -> None:
    hole = Stroke(((0.5, 0.6),), include=False, width=0.1)
    garment_id = service.upload(strokes=(hole,))
    service.prepare(garment_id)

    row = service.store.garments.get(service.seller, garment_id)
    assert row.preflight is not None
    assert row.preflight["garment"]["segmenter"] == "alpha, strokes"
    stored = pack.unpack(service.storage.get(row.files["packed"]), images.open_photo(service.file, name="shirt.png"))
    assert stored.matte[420, 300] == 0
    for brief in (TWO, replace(TWO, category=Category.OUTERWEAR)):
        job = service.submit(garment_id, brief)
        service.render(looks_of(service.store, job))
        mask = images.decode(service.storage.get(looks_of(service.store, job)[0].files["garment_mask"]))
        pieces, _ = cv2.connectedComponents((mask == 0).astype(np.uint8))
        assert pieces > 2  # the ground, the background and the hole


def test_a_photo_that_is_none_is_refused_with_its_reason(service: Service) -> None:
    garment_id = service.upload(b"%PDF-1.7 not a picture")
    service.prepare(garment_id)
    row = service.store.garments.get(service.seller, garment_id)
    assert row.state is GarmentState.REFUSED
    assert "PDF" in str(row.reason)
    assert row.preflight == {"usable": False, "problems": [row.preflight["problems"][0]]}  # type: ignore[index]


def test_a_full_disk_puts_looks_back_and_leaves_nothing_behind(service: Service, garment: str) -> None:
    looks = looks_of(service.store, service.submit(garment, TWO))
    before = dict(service.storage.files)
    service.storage.room = len(before) + 1
    assert service.render(looks).outcomes == {"put_back": 2}
    assert service.storage.files == before
    service.storage.room = 1000
    service.clock.advance(minutes=2)
    assert service.render(looks).outcomes == {"passed": 2}
    assert [service.store.looks.get(service.seller, look.id).failures for look in looks] == [0, 0]


def test_a_foreign_error_is_counted_and_its_words_are_kept_from_the_seller(
    service: Service, garment: str, caplog: pytest.LogCaptureFixture
) -> None:
    def explode() -> None:
        raise RuntimeError("CUDA error at /secret/path with password hunter2")

    service.generator.at_work = explode
    [look, _] = looks_of(service.store, service.submit(garment, TWO))
    ran = service.render([look])
    assert ran.outcomes == {"broke": 1}
    assert isinstance(ran.errors[0], RuntimeError)
    for _ in range(2):
        service.clock.advance(minutes=2)
        service.render([look])
    failed = service.store.looks.get(service.seller, look.id)
    assert failed.state is LookState.FAILED
    assert "RuntimeError" in str(failed.reason)
    assert "hunter2" not in str(failed.reason)
    assert "hunter2" in caplog.text


def test_our_own_generation_error_speaks_for_itself(service: Service, garment: str) -> None:
    def explode() -> None:
        raise GenerationError("The generator gave up: take another seed.")

    service.generator.at_work = explode
    [look, _] = looks_of(service.store, service.submit(garment, TWO))
    service.render([look])
    attempts = service.store.looks.attempts(service.seller, look.id)
    assert attempts[0].reason == "The generator gave up: take another seed."


@pytest.mark.parametrize("brief", [Brief(looks=1, scene="the-moon"), Brief(looks=1, channels=("nowhere",))])
def test_a_brief_that_is_impossible_fails_at_once(service: Service, garment: str, brief: Brief) -> None:
    job = service.submit(garment, brief)
    service.render(looks_of(service.store, job))
    [look] = looks_of(service.store, job)
    assert (look.state, look.attempt) == (LookState.FAILED, 1)
    assert "Known" in str(look.reason)


def test_one_impossible_job_does_not_take_its_batch_with_it(service: Service, garment: str) -> None:
    bad, good = service.submit(garment, Brief(looks=1, pose="handstand")), service.submit(garment, TWO)
    ran = service.render([*looks_of(service.store, bad), *looks_of(service.store, good)])
    assert ran.outcomes == {"broke": 1, "passed": 2}


def test_a_preset_that_nobody_knows_fails_its_looks(service: Service, garment: str) -> None:
    def unknown(preset: str) -> Studio:
        raise NotFound("preset", preset, ["mini"])

    [look, _] = looks_of(service.store, service.submit(garment, TWO))
    render([look.id], store=service.store, storage=service.storage, studios=unknown, owner="r1")
    assert service.store.looks.get(service.seller, look.id).state is LookState.FAILED


def test_a_cancelled_job_stops_inside_the_denoising_loop(tmp_path: Path) -> None:
    service = Service(tmp_path)
    garment_id = service.upload()
    service.prepare(garment_id)
    job = service.submit(garment_id, TWO)
    quick = Store(service.store.database, policy=Policy(heartbeat=timedelta(milliseconds=20)), clock=service.clock)
    steps = 0

    class Endless(EchoGenerator):
        """Denoises until somebody stops it."""

        def generate(self, shots: Sequence[Shot], *, cancelled: Any = None, **more: Any) -> list[Picture]:
            nonlocal steps
            service.store.jobs.cancel(service.seller, job.id)
            patience = threading.Event()
            while not cancelled():
                steps += 1
                assert steps < 6000, "nobody stopped it"
                patience.wait(0.01)
            raise Cancelled("Cancelled while painting; nothing was kept.")

    studio = Studio(Parts(Endless(), FixedSegmenter(), quality.Judge(), version="1"))
    ids = [look.id for look in looks_of(service.store, job)]
    before = dict(service.storage.files)
    ran = render(ids, store=quick, storage=service.storage, studios=lambda _: studio, owner="r1")
    assert ran.outcomes == {"cancelled": 2}
    assert service.store.jobs.get(service.seller, job.id).state is JobState.CANCELLED
    assert service.storage.files == before
    service.store.close()


def test_a_worker_that_lost_its_lease_writes_nothing_that_counts(service: Service, garment: str) -> None:
    looks = looks_of(service.store, service.submit(garment, TWO))

    def overtaken() -> None:
        service.generator.at_work = lambda: None
        service.clock.advance(minutes=2)
        service.store.look_leases.sweep()
        service.clock.advance(minutes=2)
        assert service.render(looks, owner="r2").outcomes == {"passed": 2}

    service.generator.at_work = overtaken
    assert service.render(looks, owner="r1").outcomes == {"lost": 2}
    for look in looks:
        row = service.store.looks.get(service.seller, look.id)
        assert (row.state, row.attempt) == (LookState.PASSED, 2)
        assert all(service.storage.exists(key) for key in row.files.values())
    assert not [key for key in service.storage.files if "/1/look" in key]
    assert len(service.store.ledger.page(service.seller).rows) == 2


def test_a_worker_that_is_told_to_stop_puts_its_looks_back(service: Service, garment: str) -> None:
    def stop() -> None:
        raise SystemExit(0)

    service.generator.at_work = stop
    looks = looks_of(service.store, service.submit(garment, TWO))
    with pytest.raises(SystemExit):
        service.render(looks)
    rows = [service.store.looks.get(service.seller, look.id) for look in looks]
    assert [(row.state, row.failures) for row in rows] == [(LookState.QUEUED, 0)] * 2
