"""The app that a server runs: `uvicorn --factory fashion_gen.portal.asgi:app`. The only place here that reads settings."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache

from anyio.to_thread import run_sync
from fastapi import FastAPI
from pydantic import SecretStr

from fashion_gen import generate, logs, poke, secret, settings, tracing, wiring
from fashion_gen.errors import DatabaseUnavailable
from fashion_gen.jobs import migrate
from fashion_gen.portal.app import create_app
from fashion_gen.portal.limits import LocalLimiter, RedisLimiter
from fashion_gen.portal.parts import Parts, PresetRow
from fashion_gen.portal.redis_link import RedisLink
from fashion_gen.portal.sessions import Sessions
from fashion_gen.settings import Settings

log = logging.getLogger(__name__)


def app() -> FastAPI:
    """Open what the environment asks for and return the app, which closes it when it ends.

    Raises:
        SetupError: a setting is missing or wrong; the message names the cure.
    """
    chosen = settings.load()
    logs.start(chosen.observe, process="portal")
    web = create_app(open_parts(chosen))
    tracing.start(chosen.observe, process="portal", web=web)
    return web


def open_parts(given: Settings) -> Parts:
    """Everything that the settings ask for. Nothing is sent yet: `/readyz` tells what does not answer."""
    chosen, key = given, wiring.service_secret(given)
    if chosen.storage.link_key is None:
        link_key = secret.derived(key, "fashion-gen links")
        chosen = chosen.model_copy(update={"storage": chosen.storage.model_copy(update={"link_key": link_key})})
    redis_url = poke.redis_url(chosen.queue)
    redis = None if redis_url is None else RedisLink(SecretStr(redis_url))
    store = wiring.open_store(chosen)

    @lru_cache(maxsize=1)
    def presets(_minute: int) -> Sequence[PresetRow]:
        return preset_rows(chosen)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if chosen.portal.migrate:
            await run_sync(_migrate, chosen.jobs.database)
        yield
        store.close()
        if redis is not None:
            redis.close()

    return Parts(
        store=store,
        storage=wiring.open_storage(chosen.storage),
        buckets=wiring.open_buckets(given),
        presigner=wiring.open_presigner(chosen.storage, portal_url=f"{chosen.portal.url.rstrip('/')}/v1/files"),
        sessions=Sessions(secret.derived(key, "fashion-gen sessions"), secure=chosen.portal.url.startswith("https://")),
        presets=lambda: presets(int(time.monotonic() // 60)),  # it looks for files, too slow for every request
        default_preset=chosen.generate.preset,
        version=wiring.version(),
        redis=redis,
        limiter=LocalLimiter() if redis is None else RedisLimiter(redis),
        lifespan=lifespan,
    )


def preset_rows(chosen: Settings) -> Sequence[PresetRow]:
    """The presets whose licences the operator allows. Whether one is installed is this machine's word, not the workers'."""
    rows = []
    for row in generate.installed(chosen.generate.models):
        if row.commercial == "no" and not chosen.generate.allow_noncommercial:
            continue
        recipe = generate.recipe_of(row.preset)
        rows.append(
            PresetRow(row.preset, row.summary, row.commercial, row.licences, row.installed, recipe.width, recipe.height)
        )
    return rows


def _migrate(url: SecretStr) -> None:
    try:
        migrate(url.get_secret_value())
    except DatabaseUnavailable as exc:  # it may come later; until then `/readyz` says so
        log.warning("%s", exc, extra={"action": "migration_postponed"})
