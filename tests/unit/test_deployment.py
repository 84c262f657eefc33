"""The files that an operator deploys with. They are parsed and compared; no container is built or started here."""

from __future__ import annotations

import re
from pathlib import Path

import compose_spec
import pytest
import yaml

from fashion_gen import settings
from workers import app

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
OURS = ("portal", "dispatcher", "prepare", "render", "io")
SERVICES = (*OURS, "migrate", "bucket", "redis", "postgres", "s3", "prometheus", "flower")


def test_compose_file_follows_the_compose_specification():
    # Anchors and merge keys are YAML's and resolved before; the specification's own reader sees what docker would.
    parsed = compose_spec.PyCompose.from_yaml(yaml.safe_dump(COMPOSE))

    assert set(parsed.services or {}) == set(SERVICES)
    parsed.to_spec()


def test_compose_file_with_a_mistake_is_refused():
    broken = {**COMPOSE, "services": {**COMPOSE["services"], "portal": {"imagine": "x"}}}

    with pytest.raises(ValueError, match="imagine"):
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(broken))


@pytest.mark.parametrize("name", OURS)
def test_every_setting_of_the_compose_file_exists(name: str):
    names = settings.names()
    for variable in COMPOSE["services"][name]["environment"]:
        assert variable in names or not variable.startswith(settings.PREFIX), variable


def test_every_variable_of_the_compose_file_stands_in_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for variable in set(re.findall(r"\$\{([A-Z0-9_]+)", TEXT)):
        assert re.search(rf"^{variable}=", example, re.MULTILINE), variable


def test_secrets_have_no_defaults():
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        assert not re.search("PASSWORD|SECRET|ACCESS_KEY", name) or value == ""
    assert not re.search(r"\$\{\w*(?:PASSWORD|SECRET|ACCESS_KEY)\w*(?::-|\})", TEXT)


@pytest.mark.parametrize("name", ["prepare", "render", "io"])
def test_workers_are_started_with_their_role_and_have_time_to_stop(name: str):
    service = COMPOSE["services"][name]

    assert service["command"] == ["python", "-m", "workers", name]
    assert name in app.QUEUES
    assert int(service["stop_grace_period"].removesuffix("s")) > settings.WorkersSettings().grace_seconds


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_as_little_as_possible(name: str):
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_images_run_as_an_ordinary_user_and_only_the_gpu_one_has_torch():
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL))

    for stage in ("slim", "gpu"):
        assert "\nUSER fashion\n" in stages[stage]
    assert "generate" in stages["gpu"]
    assert "generate" not in stages["slim"]


DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
