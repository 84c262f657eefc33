"""Render whole people for `figure_crops.py`: picture, silhouette, labels and joints of one person a file, in given time.

python -m training.pack && python -m training.figure_people --out /tmp/people --seconds 900
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from fashion_gen.body import default_view, keypoints
from fashion_gen.records import Framing
from training.people.render import body as rest_body
from training.people.render import posed_body, render
from training.people.spec import sample_spec
from training.render_shards import Camera

WIDTH, HEIGHT = 240, 360
TURNED = 0.35  #: share of people who turn aside by up to 60 degrees


def main() -> None:
    """Render until the seconds are over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=900)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    camera, start, number = Camera(), time.time(), 0
    while time.time() - start < asked.seconds:
        try:
            shoot(camera, number, asked.out / f"{number:05d}.npz")
        except (ValueError, IndexError, FloatingPointError, np.linalg.LinAlgError) as error:
            # One impossible draw must not end the run; its number repeats it.
            print(f"person {number} failed: {error!r}", flush=True)
        number += 1


def shoot(camera: Camera, number: int, path: Path) -> None:
    """One person, who depends on `number` only."""
    rng = np.random.default_rng(5_000_000 + number)
    spec, angles = sample_spec(rng), camera.angles(rng, Framing.FULL)
    if rng.random() < TURNED:
        angles["torso"]["yaw"] = float(rng.uniform(-60, 60))
    posed = posed_body(camera.kit, rest_body(camera.kit, spec), angles)
    body = camera.fitter.fit(posed, masculine=spec.presentation)
    view = default_view(body, Framing.FULL, WIDTH, HEIGHT)
    picture = render(camera.kit, posed, spec, view)
    np.savez_compressed(
        path,
        image=picture.image,
        person=picture.person,
        labels=picture.labels,
        keypoints=keypoints(body, view),
        category=spec.garment.category,
    )


if __name__ == "__main__":
    main()
