"""Settings to objects: the only place that knows which back-end stands behind which interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from fashion_gen import casting, garment, pose, quality, secret, settings, storage, studio
from fashion_gen.errors import BackendUnavailable, SetupError
from fashion_gen.generate import open_generator
from fashion_gen.records import Brief, Garment, Photo, Stroke
from fashion_gen.settings import JudgeSettings, Settings, StorageSettings

if TYPE_CHECKING:
    from fashion_gen.jobs import Policy, Store
    from fashion_gen.jobs.buckets import Buckets
    from fashion_gen.storage.s3 import S3Location


@cache
def version() -> str:
    """The installed version, "0" in a bare checkout."""
    try:
        return installed_version("fashion-gen")
    except PackageNotFoundError:
        return "0"


class Studio(studio.Studio):
    """A studio wired from the environment. Arguments win over settings.

    >>> with Studio(preset="mini") as studio:  # doctest: +SKIP
    ...     looks = studio.render("hoodie.jpg")
    """

    def __init__(
        self, *, preset: str | None = None, device: str | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__(parts(settings, preset=preset, device=device))


def parts(given: Settings | None = None, *, preset: str | None = None, device: str | None = None) -> studio.Parts:
    """Open every back-end that the settings ask for.

    Raises:
        SetupError: something is missing or misspelt; the message names the cure.
        NotFound: there is no such preset, segmenter or estimator.
    """
    chosen = given or settings.load()
    estimator = open_pose_judge(chosen.judge)
    return studio.Parts(
        generator=open_generator(
            preset or chosen.generate.preset,
            device=device or chosen.generate.device,
            allow_noncommercial=chosen.generate.allow_noncommercial,
            models_dir=chosen.generate.models,
        ),
        segmenter=open_segmenter(chosen),
        judge=quality.Judge(pose=estimator, faces=open_faces(chosen.judge), tone=casting.measure_tone),
        people=estimator,
        version=version(),
    )


def open_store(given: Settings | None = None) -> Store:
    """The store of jobs on the database of the settings, which `jobs.migrate` has brought up to date.

    Raises:
        SetupError: the database URL cannot be used.
    """
    # SQLAlchemy is not installed with the library alone, and the command line does not need it.
    try:
        from fashion_gen.jobs import Database, Store
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[service]'.") from exc

    chosen = given or settings.load()
    return Store(Database(chosen.jobs.database.get_secret_value()), policy=policy(chosen))


def open_buckets(given: Settings | None = None) -> Buckets:
    """The buckets of sellers, whose keys are sealed by the service's secret.

    Raises:
        SetupError: there is no secret, and none can be made.
        BackendUnavailable: the service is not installed.
    """
    try:
        from fashion_gen.jobs.buckets import Buckets
        from fashion_gen.seal import Seal
    except ModuleNotFoundError as exc:
        raise BackendUnavailable(f"{exc.name} is missing: pip install 'fashion-gen[service]'.") from exc

    chosen = given or settings.load()
    seal = Seal(service_secret(chosen), "fashion-gen destinations")
    return Buckets(seal, allow_private=chosen.storage.private_destinations)


def service_secret(chosen: Settings) -> SecretStr:
    """What sessions, links and seals are derived from: the operator's secret, or one of our own in a file.

    Raises:
        SetupError: the file cannot be read or made.
    """
    return chosen.portal.secret or chosen.storage.link_key or secret.kept(chosen.portal.secret_file)


def policy(chosen: Settings) -> Policy:
    """How patient the service is."""
    from fashion_gen.jobs import Policy

    lease = timedelta(seconds=chosen.jobs.lease_seconds)
    return Policy(
        lease=lease,
        heartbeat=lease / 6,  # five may go missing before the lease ends
        max_failures=chosen.jobs.max_failures,
        batch_size=chosen.jobs.batch_size,
        batches_per_worker=chosen.jobs.batches_per_worker,
        redispatch_after=timedelta(seconds=chosen.jobs.redispatch_seconds),
    )


def open_extract(given: Settings | None = None) -> studio.Extract:
    """What cuts a garment out of a photo as `Studio.extract` does, without a generator: a prepare worker needs no torch.

    Raises:
        SetupError: as `parts`.
    """
    chosen = given or settings.load()
    segmenter, estimator = open_segmenter(chosen), open_pose_judge(chosen.judge)

    def extract(photo: Photo, brief: Brief, *, strokes: Sequence[Stroke] = ()) -> Garment:
        found = estimator.estimate(photo.rgb) if estimator else None
        people = None if found is None else [person.keypoints for person in found]
        return garment.extract(
            photo, segmenter, kind=brief.kind, category=brief.category, people=people, strokes=strokes
        )

    return extract


def load_class(name: str) -> Any:
    """Import "package.module:Class", which a setting named.

    Raises:
        SetupError: there is no such thing.
    """
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as exc:
        raise SetupError(f'"{name}" cannot be imported ({exc}): name it as "package.module:Class".') from exc


def open_segmenter(chosen: Settings) -> garment.Segmenter:
    """The segmenter alone: a preflight needs no generator."""
    return garment.open_segmenter(chosen.garment.segmenter, chosen.garment.weights)


def open_pose_judge(chosen: JudgeSettings) -> pose.PoseEstimator | None:
    """The best pose estimator whose weights are there, or the one asked for; None where there is none."""
    if chosen.pose == "none":
        return None
    if chosen.pose != "auto":
        return pose.open_estimator(chosen.pose, chosen.weights)
    names = pose.installed(chosen.weights) if chosen.weights.is_dir() else ()
    return pose.open_estimator(names[0], chosen.weights) if names else None


def open_faces(chosen: JudgeSettings) -> pose.FaceDetector | None:
    """The face detector, or None where its weights are not installed."""
    try:
        return pose.FaceDetector(chosen.weights)
    except BackendUnavailable:
        return None


def open_storage(chosen: StorageSettings) -> storage.Storage:
    """The service's storage. Nothing is sent yet; `storage.probe` tells whether it can be used.

    Raises:
        SetupError: the settings name no bucket, or one key without the other.
        BackendUnavailable: boto3 is not installed.
    """
    if chosen.backend == "local":
        return storage.LocalStorage(chosen.root)
    location = _s3_location(chosen)
    from fashion_gen.storage.s3 import S3Storage

    return S3Storage(location)


def set_lifecycle(chosen: StorageSettings) -> bool | None:
    """Have the service's bucket forget by itself what the settings say; False where its server cannot, None for a folder.

    Raises:
        SetupError: it does not answer, the credentials lack the right, and as `open_storage`.
    """
    if chosen.backend == "local":
        return None
    from fashion_gen.storage.s3 import S3Storage, set_lifecycle

    return set_lifecycle(
        S3Storage(_s3_location(chosen)),
        originals=timedelta(days=chosen.originals_days),
        quarantine=timedelta(hours=chosen.quarantine_hours),
    )


def open_presigner(chosen: StorageSettings, *, portal_url: str) -> storage.Presigner:
    """What makes links to the service's storage. `portal_url` is where the portal serves the links of a local folder.

    Raises:
        SetupError: a local folder without FASHION_GEN_STORAGE__LINK_KEY, and as `open_storage`.
    """
    if chosen.backend == "local":
        if chosen.link_key is None:
            raise SetupError(
                "Links need a key to sign them: set FASHION_GEN_STORAGE__LINK_KEY to 32 characters or more."
            )
        return storage.TokenPresigner(portal_url, chosen.link_key)
    location = _s3_location(chosen)
    from fashion_gen.storage.s3 import S3Presigner

    return S3Presigner(location, public_endpoint=chosen.public_endpoint, forms=chosen.forms)


def _s3_location(chosen: StorageSettings) -> S3Location:
    if find_spec("boto3") is None:
        raise BackendUnavailable("S3 needs boto3: pip install 'fashion-gen[s3]'.")
    if not chosen.bucket:
        raise SetupError("S3 needs a bucket: set FASHION_GEN_STORAGE__BUCKET to its name.")
    from fashion_gen.storage.s3 import S3Location

    return S3Location(
        bucket=chosen.bucket,
        endpoint=chosen.endpoint,
        region=chosen.region,
        prefix=chosen.prefix.strip("/"),
        access_key=chosen.access_key,
        secret_key=chosen.secret_key,
        path_style=chosen.path_style,
        checksums=chosen.checksums,
        read_timeout=chosen.timeout_seconds,
    )
