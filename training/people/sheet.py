"""A sheet of people to look at: python -m training.people.sheet --seed 0 -o /tmp/people_sheet.png"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_gen.records import View
from training import pack
from training.people.kit import Kit, prepare
from training.people.render import Rendering, body, posed_body, render
from training.people.spec import SCENES, Spec, sample_spec

WIDTH, HEIGHT = 320, 480


def sample_angles(rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """A natural standing pose."""
    u = rng.uniform

    def arm() -> dict[str, float]:
        kind = rng.random()
        if kind < 0.6:
            return {"raise": u(6, 20), "swing": u(-5, 8), "twist": u(-10, 25), "elbow": u(8, 30)}
        if kind < 0.8:
            return {"raise": u(36, 44), "swing": u(-16, -8), "twist": u(55, 66), "elbow": u(88, 100)}
        return {"raise": u(10, 35), "swing": u(0, 30), "twist": u(0, 30), "elbow": u(20, 80)}

    step = {"raise": u(2, 8), "swing": u(0, 18), "twist": u(2, 14), "knee": u(0, 22)}
    leg = {"raise": u(1, 7), "twist": u(2, 12)}
    legs = (step, leg) if rng.random() < 0.5 else (leg, step)
    yaw = float(np.clip(rng.normal(0, 16), -50, 50))
    return {
        "torso": {"yaw": yaw, "lean": u(-2, 4), "bend": u(-3, 3)},
        "head": {"yaw": -yaw * u(0.2, 0.8) + u(-8, 8), "nod": u(-4, 5), "tilt": u(-4, 4)},
        "left_arm": arm(),
        "right_arm": arm(),
        "left_leg": legs[0],
        "right_leg": legs[1],
    }


def frame_view(joints: Mapping[str, np.ndarray], framing: str, width: int, height: int) -> View:
    """A view like `body.default_view`, from the renderer's own joints."""
    top = joints["crown"][1] + 5
    ground = min(joints["l_toe"][1], joints["r_toe"][1]) - 4
    knees = (joints["l_knee"][1] + joints["r_knee"][1]) / 2
    high, low = {
        "full": (top + 6, ground - 7),
        "cowboy": (top + 5, knees + 6),
        "upper": (top + 4, -6.0),
        "lower": (joints["waist"][1] + 16, ground - 6),
    }[framing]
    scale = height / (high - low)
    xs = np.array([j[0] for j in joints.values()])
    if framing in ("full", "lower"):
        scale = min(scale, width * 0.9 / (np.ptp(xs) + 18))
    centre = (xs.min() + xs.max()) / 2 if framing == "full" else (joints["neck"][0] + joints["hips"][0]) / 2
    y0 = height - (0 - (low if framing in ("full", "lower") else high - height / scale)) * scale
    return View(width, height, scale, width / 2 - centre * scale, y0)


def person(kit: Kit, rng: np.random.Generator, spec: Spec, framing: str) -> Rendering:
    posed = posed_body(kit, body(kit, spec), sample_angles(rng))
    return render(kit, posed, spec, frame_view(posed.joints, framing, WIDTH, HEIGHT))


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--seed", type=int, default=0)
    args.add_argument("--count", type=int, default=24)
    args.add_argument("--columns", type=int, default=8)
    args.add_argument("-o", type=Path, default=Path("/tmp/people_sheet.png"))
    a = args.parse_args()
    kit = prepare(pack.load())
    rng = np.random.default_rng(a.seed)
    tiles, seconds = [], []
    for i in range(a.count):
        spec = replace(sample_spec(rng), tone=i % 10 + 1, scene=SCENES[i % len(SCENES)])
        framing = ("full", "cowboy", "upper", "full", "cowboy", "upper", "lower", "full")[i % 8]
        start = time.perf_counter()
        tiles.append(person(kit, rng, spec, framing).image)
        seconds.append(time.perf_counter() - start)
    rows = [np.concatenate(tiles[k : k + a.columns], 1) for k in range(0, len(tiles) - a.columns + 1, a.columns)]
    Image.fromarray(np.concatenate(rows)).save(a.o)
    print(f"{a.o}: {a.count} people, median {np.median(seconds):.2f} s each")


if __name__ == "__main__":
    main()
