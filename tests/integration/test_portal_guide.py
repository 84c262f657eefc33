"""docs/api.md does what it says: its commands are run, in order, in one shell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from servers.portal import Portal, Seller, photo

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, flags=re.DOTALL)


def curl_version() -> tuple[int, ...]:
    found = shutil.which("curl") and subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in re.findall(r"\d+", found.stdout.split()[1])) if found else (0,)


def test_the_guides_commands_work_in_order(api: Portal, seller: Seller, tmp_path: Path) -> None:
    if curl_version() < (7, 84):
        pytest.skip("the guide needs curl 7.84 or newer, for --json and %header")
    (tmp_path / "hoodie.jpg").write_bytes(photo())
    first, *rest = blocks("sh")
    first = re.sub(r"export URL=\S+", f"export URL={api.url}", first)
    first = re.sub(r"export KEY=\S+", f"export KEY={seller.token}", first)
    script = "set -euo pipefail\n" + "\necho\n".join([first, *rest])
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    [job] = seller.http.get("/v1/jobs").json()["data"]
    assert (job["external_id"], job["state"], job["counts"]["looks"]) == ("SKU 1234", "cancelled", 4)
    assert "event: job" in ran.stdout
    assert '"problems":[{"code":"no_label"' in ran.stdout
    assert len(seller.http.get("/v1/keys").json()["data"]) == 2


def test_the_guides_problem_is_the_one_that_is_sent(api: Portal, seller: Seller) -> None:
    [shown] = [json.loads(block) for block in blocks("json")]
    body = {"garment_id": api.garment(seller).id, "brief": {"scene": "moon"}}
    sent = seller.http.post("/v1/jobs", json=body).json()
    assert {**sent, "request_id": shown["request_id"]} == shown
