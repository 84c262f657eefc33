"""The OpenAPI document: kept in the repository, honest, and no input that it allows makes the portal break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fashion_gen.portal.app import routed
from servers.portal import Portal, Seller, photo

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = routed().openapi()


def operations() -> list[tuple[str, str]]:
    return [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]


def test_the_document_in_the_repository_is_that_of_the_app() -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(DOCUMENT)), "the API changed: run make openapi, and tell users in CHANGELOG.md"


def test_the_document_is_openapi_31_and_says_how_to_authenticate() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"apiKey", "session"}


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_operation_tells_what_it_does_and_how_it_fails(method: str, path: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    assert operation["summary"]
    assert operation["tags"]
    for status, response in operation["responses"].items():
        assert response["description"], status
        if status[0] in "45" and path.startswith("/v1"):
            assert list(response["content"]) == ["application/problem+json"], status


SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(DOCUMENT)))
FOUND = {(found.ok().method, found.ok().path): found.ok() for found in SCHEMA.get_all_operations()}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
EVENTS = ("/v1/jobs/{job_id}/events",)  # a stream is no value that a schema could describe


@pytest.mark.parametrize(("method", "path"), operations())
def test_whatever_is_sent_the_answer_is_one_that_the_document_names(
    api: Portal, fuzzed: tuple[Seller, dict[str, str]], method: str, path: str
) -> None:
    seller, things = fuzzed
    operation = FOUND[method, path]
    good, bad = (operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(
        max_examples=6,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good if not _takes_anything(operation) else st.one_of(good, bad), known=st.booleans())
    def ask(case: Any, known: bool) -> None:
        if known:  # ids of things that there are lead further than invented ones
            case.path_parameters = {name: things.get(name, value) for name, value in case.path_parameters.items()}
            if isinstance(case.body, dict):
                case.body.update({name: things[name] for name in ("upload_id", "garment_id") if name in case.body})
        if isinstance(case.body, dict) and "bucket" in case.body:
            case.body["endpoint"] = "http://127.0.0.1:1"  # nobody else's server is asked
        answer = case.call(base_url=api.url, headers={"Authorization": f"Bearer {seller.token}"}, timeout=60)
        case.validate_response(answer, checks=CHECKS if path in EVENTS else [*CHECKS, response_schema_conformance])

    ask()


def _takes_anything(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.headers or operation.path_parameters)


@pytest.fixture(scope="module")
def fuzzed(api: Portal) -> tuple[Seller, dict[str, str]]:
    """A seller and one of each kind of thing; its key is not the one that the fuzzer may revoke."""
    seller = api.seller()
    job = api.job(seller)
    [look] = api.looks(job)
    api.render(look)
    spare = api.store.keys.issue(seller.id, "spare", scopes=["read"]).key.id
    things = {"upload_id": api.upload(seller, photo()), "garment_id": job.garment_id, "job_id": job.id}
    return seller, {**things, "look_id": look.id, "key_id": spare}


def test_importing_and_making_the_portal_imports_neither_torch_nor_celery(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from fashion_gen.portal.asgi import app\n"
        "app().openapi()\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'celery', 'kombu'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_GEN_")} | {
        "FASHION_GEN_JOBS__DATABASE": f"sqlite:///{tmp_path}/jobs.db",
        "FASHION_GEN_STORAGE__ROOT": f"{tmp_path}/files",
        "FASHION_GEN_PORTAL__SECRET_FILE": f"{tmp_path}/secret",
    }
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environ, timeout=300)
