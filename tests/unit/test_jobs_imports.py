"""The portal imports the jobs: neither torch nor the studio's libraries may come with them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"torch", "diffusers", "cv2", "numba", "onnxruntime", "celery", "redis", "fastapi", "alembic"}


def test_jobs_come_without_heavy_libraries() -> None:
    code = f"import sys, fashion_gen.jobs; print(*({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == []
