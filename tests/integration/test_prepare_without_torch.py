"""A prepare worker runs in the slim image, which has no torch."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from fashion_gen import images, settings, wiring
from fashion_gen.records import Brief
from importlib.resources import files

photo = images.open_photo(next(p for p in (files("fashion_gen") / "example").iterdir() if p.name.endswith((".jpg", ".png"))))
worn = wiring.open_extract(settings.load({}))(photo, Brief())
assert worn.matte.max() > 0.5
assert "torch" not in sys.modules
"""


def test_garment_is_cut_out_and_torch_is_not_imported():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
