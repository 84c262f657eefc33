"""What an operator may set: environment variables `FASHION_GEN_<GROUP>__<NAME>`, or a `.env` file in the working folder.

A misspelt name is refused, so that a setting that does nothing cannot go unnoticed.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from dotenv import dotenv_values
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fashion_gen.errors import SetupError

PREFIX = "FASHION_GEN_"
DOTENV = ".env"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GenerateSettings(_Group):
    """The generator."""

    preset: str = Field(default="mini", description="preset that renders when a command names none")
    device: str | None = Field(default=None, description='"cuda", "mps" or "cpu"; empty takes the best there is')
    models: Path | None = Field(default=None, description="folder of model weights; empty is the Hugging Face cache")
    allow_noncommercial: bool = Field(default=False, description="use weights whose licence forbids commerce")


class GarmentSettings(_Group):
    """Seeing the garment."""

    segmenter: str = Field(default="auto", description='"auto" takes the best that is installed')
    weights: Path = Field(
        default_factory=lambda: user_data_path("fashion-gen") / "weights", description="folder of SAM 2's weights"
    )


class JudgeSettings(_Group):
    """The detectors that inspect a look. Without them people and pose are "not judged"."""

    weights: Path = Field(
        default_factory=lambda: user_data_path("fashion-gen") / "weights", description="folder of ONNX detectors"
    )
    pose: str = Field(default="auto", description='pose estimator: "auto", "none" or a name of `fashion-gen check`')


class StorageSettings(_Group):
    """Where files lie."""

    root: Path = Field(default=Path("out"), description="folder of results when a command names none")
    backend: Literal["local", "s3"] = Field(default="local", description='the service\'s storage: "local" or "s3"')
    bucket: str | None = Field(default=None, description="S3: name of the bucket")
    endpoint: str | None = Field(default=None, description="S3: address of the server; empty is Amazon's")
    public_endpoint: str | None = Field(default=None, description="S3: its address for browsers, if another")
    region: str = Field(default="us-east-1", description="S3: region of the bucket")
    prefix: str = Field(default="", description="S3: what every key begins with, such as shop/looks")
    access_key: SecretStr | None = Field(default=None, description="S3: access key; empty is the machine's own")
    secret_key: SecretStr | None = Field(default=None, description="S3: secret key; empty is the machine's own")
    path_style: bool = Field(default=True, description="S3: address buckets as host/bucket, not as bucket.host")
    checksums: Literal["when_supported", "when_required"] = Field(
        default="when_supported", description='S3: "when_required" for servers that refuse CRC32 checksums'
    )
    timeout_seconds: float = Field(default=30, gt=0, description="S3: a server silent for so long is asked again")
    forms: bool = Field(default=False, description="S3: the server takes browser forms (POST policies)")
    link_key: SecretStr | None = Field(default=None, description="local: what signs links, 32 characters or more")
    private_destinations: bool = Field(
        default=False, description="sellers' own buckets may be on http and on private addresses: sellers of this house"
    )
    originals_days: float = Field(default=30, gt=0, description="days after which photos that came in are deleted")
    quarantine_hours: float = Field(default=24, gt=0, description="hours after which unfinished uploads are deleted")


class JobsSettings(_Group):
    """The durable service: where jobs are kept and how patient it is."""

    database: SecretStr = Field(
        default=SecretStr("sqlite:///fashion-gen.db"),
        description="database URL: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME",
    )
    lease_seconds: int = Field(default=30, ge=2, description="a worker silent for so long is taken for dead")
    max_failures: int = Field(default=3, ge=1, description="failed attempts after which a look is given up")
    batch_size: int = Field(default=4, ge=1, description="looks rendered together at most")
    batches_per_worker: int = Field(default=2, ge=1, description="batches at work or waiting per render worker")
    redispatch_seconds: int = Field(default=120, ge=5, description="an unclaimed message is sent again after this")


class PortalSettings(_Group):
    """The web app."""

    url: str = Field(default="http://127.0.0.1:8000", description="address by which browsers reach the portal")
    secret: SecretStr | None = Field(
        default=None, description="signs sessions and links, 32 characters or more; empty makes and keeps one"
    )
    secret_file: Path = Field(default=Path("fashion-gen.secret"), description="where a secret made by us is kept")
    migrate: bool = Field(default=True, description="bring the database's tables up to date at start")


class QueueSettings(_Group):
    """The messages between the dispatcher and the workers. They carry ids only: the database is the truth."""

    broker: SecretStr = Field(
        default=SecretStr("redis://127.0.0.1:6379/0"),
        description="broker URL: redis://HOST/0, redis+socket:///FILE, or amqp://USER:PASSWORD@HOST// for RabbitMQ",
    )
    redis: SecretStr | None = Field(
        default=None, description="Redis for wake-up calls and rate limits; empty is the broker, where that is Redis"
    )
    timeout_seconds: float = Field(
        default=30, gt=1, description="Redis: a connection silent for so long is broken; more than it takes to wake up"
    )
    poll_seconds: float = Field(default=1.0, gt=0, description="the dispatcher looks so often when nobody wakes it")
    sweep_seconds: float = Field(default=5.0, gt=0, description="how often work of dead workers is looked for")


class WorkersSettings(_Group):
    """What renders."""

    grace_seconds: int = Field(default=120, ge=1, description="a worker that stops has so long to finish its batch")
    warm_presets: int = Field(default=2, ge=1, description="presets kept loaded by one worker at most")
    free_memory: float = Field(
        default=0.25, ge=0, lt=1, description="share of the memory free before another preset is loaded"
    )
    studio: str | None = Field(default=None, description='"module:Class" of a studio of your own; for tests')


class UpSettings(_Group):
    """`fashion-gen up`: the whole service on one machine."""

    data: Path = Field(default=Path("data"), description="folder of database, files, queue and logs")
    host: str = Field(default="127.0.0.1", description="address that the portal listens on")
    port: int = Field(default=8000, ge=0, lt=65536, description="its port; 0 lets the system choose")


class ObserveSettings(_Group):
    """What the processes tell about themselves."""

    log_format: Literal["text", "json"] = Field(default="text", description='"text" for people, "json" for machines')
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="how much is told")
    traces: str | None = Field(default=None, description="OTLP/HTTP address that traces are sent to; empty is off")


class Settings(BaseSettings):
    """Everything that can be set, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=DOTENV,
        frozen=True,
        extra="ignore",  # names are checked by `_refuse_unknown`, which can say what was meant
    )

    generate: GenerateSettings = Field(default_factory=GenerateSettings)
    garment: GarmentSettings = Field(default_factory=GarmentSettings)
    judge: JudgeSettings = Field(default_factory=JudgeSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    jobs: JobsSettings = Field(default_factory=JobsSettings)
    portal: PortalSettings = Field(default_factory=PortalSettings)
    queue: QueueSettings = Field(default_factory=QueueSettings)
    workers: WorkersSettings = Field(default_factory=WorkersSettings)
    up: UpSettings = Field(default_factory=UpSettings)
    observe: ObserveSettings = Field(default_factory=ObserveSettings)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment.

    Raises:
        SetupError: a name is unknown or a value is of the wrong kind; the message says which.
    """
    _refuse_unknown({**dotenv_values(DOTENV), **(os.environ if environ is None else environ)})
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = PREFIX + "__".join(str(part).upper() for part in first["loc"])
        raise SetupError(f"{name}: {first['msg']}.") from exc


def names() -> dict[str, str]:
    """Every variable and what it is for."""
    return {name: description for name, description, _ in _leaves()}


def in_force(settings: Settings) -> dict[str, str]:
    """Every variable and its value now."""
    values = {}
    for name, _, (group, leaf) in _leaves():
        value = getattr(getattr(settings, group), leaf)
        values[name] = "" if value is None else str(value)
    return values


def _leaves() -> Iterator[tuple[str, str, tuple[str, str]]]:
    for group, info in Settings.model_fields.items():
        model: Any = info.annotation
        for leaf, field in (model if not get_args(model) else get_args(model)[0]).model_fields.items():
            yield f"{PREFIX}{group}__{leaf}".upper(), field.description or "", (group, leaf)


def _refuse_unknown(given: Iterable[str]) -> None:
    known = names()
    for name in given:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            # The prefix, which all have in common, would make everything look alike.
            close = difflib.get_close_matches(name.upper()[len(PREFIX) :], [n[len(PREFIX) :] for n in known], n=1)
            hint = f" Did you mean {PREFIX}{close[0]}?" if close else f" Known: {', '.join(sorted(known))}."
            raise SetupError(f"The setting {name} does not exist.{hint}")
