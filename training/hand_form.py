"""Fit the form of hands that `fashion_gen/body/hand/hand_form.npz` holds: a mean and three axes over many adults, per gesture.

    python -m training.hand_form [--hands 120] [--out fashion_gen/body/hand/hand_form.npz]

Adults are drawn as the renderer draws them (`people/likeness.py`) from the CC0 body (`pack.py`); the rig bends the fingers of
the left hand, and its skin from a little above the wrist is taken in the hand's own frame: X out of the back of the hand, Y
toward the elbow, Z toward the thumb; the unit is the straight hand, wrist to tip of the middle finger. What presentation, years
and fullness do to it is regressed, as for heads (`head_form.py`); nothing else of a hand tells people apart at this size.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.hand.model import FORM
from fashion_gen.body.head.model import vertex_normals
from training import pack
from training.head_form import openness
from training.pack import BodyData
from training.people.anatomy import Vertices, shape
from training.people.likeness import sample_build
from training.people.posing import bone_head, pose, rotation

CUFF = 0.20  #: how far up the forearm the skin goes, in hands
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gesture:
    """Degrees from the straight hand. Fingers run from the index to the little one.

    `flexion`: per finger its three joints; `spread` toward the thumb; `thumb` (opposition about the forearm's line, toward the
    palm; abduction away from it; flexion of its two outer joints) from the rest of the rig.
    """

    flexion: tuple[tuple[float, float, float], ...]
    spread: tuple[float, float, float, float]
    thumb: tuple[float, float, float, float]


GESTURES: Mapping[str, Gesture] = {
    "relaxed": Gesture(
        ((20, 26, 12), (27, 33, 16), (32, 37, 18), (35, 36, 18)), (3.0, 0.5, -2.0, -5.0), (10, -14, 8, 14)
    ),
    "hip": Gesture(((18, 14, 8), (19, 16, 8), (20, 17, 9), (20, 18, 9)), (-1.0, 0.0, 1.0, 1.5), (0, -12, 0, 4)),
    "flat": Gesture(((12, 15, 7), (14, 18, 9), (17, 21, 10), (20, 24, 12)), (1.0, 0.0, 0.0, -1.5), (4, -12, 4, 10)),
    "rest": Gesture(((10, 14, 7), (11, 16, 8), (12, 17, 8), (13, 17, 8)), (3.0, 0.5, -2.0, -5.0), (6, -8, 6, 12)),
}
#: The hand that is painted: straight fingers, a little spread.
STRAIGHT = Gesture(((0.0, 0.0, 0.0),) * 4, (9.0, 2.0, -5.0, -12.0), (0, 0, 0, 0))


def main() -> None:
    """Sample, fit, write, and print how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hands", type=int, default=120)
    parser.add_argument("--out", type=Path, default=FORM)
    asked = parser.parse_args()
    data = pack.load()
    rng = np.random.default_rng(21)
    net, triangles = skin(data)
    people = [_person(data, net, rng) for _ in range(asked.hands)]
    form = fit(np.stack([who for who, _ in people]), np.stack([hands for _, hands in people]))
    out = stored(form) | {"triangles": triangles.astype(np.uint16)}
    out["open"] = np.stack([_open(hand, triangles) for hand in form["mean"]])
    straight = _posed(data, data.vertices, net, STRAIGHT)
    out |= {"straight": straight.astype(np.float16), "nails": nails(data, net, straight, triangles).astype(np.float16)}
    np.savez_compressed(asked.out, **out)
    print(f"{asked.out}: {asked.out.stat().st_size / 1e3:.0f} kB, {len(net)} points, {len(triangles)} triangles")


def skin(data: BodyData) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(P,) body vertices of the left hand, and (T, 3) triangles over them."""
    rest = data.vertices
    where = in_hand(data, rest, rest.astype(np.float64))
    corners = data.body.source[data.body.triangles].astype(np.int64)
    near = (where[:, 1] < CUFF) & (rest[:, 0] > 10) & (np.abs(where).max(axis=1) < 1.5)
    triangles = corners[near[corners].all(axis=1)]
    net, index = np.unique(triangles, return_inverse=True)
    return net, index.reshape(-1, 3)


def frame(data: BodyData, rest: Vertices) -> tuple[Array, Array, float]:
    """(3,) the left wrist, (3, 3) the hand's axes as columns, and the length of the straight hand, cm."""
    wrist = bone_head(data, rest, "wrist.L")
    chain = [bone_head(data, rest, f"finger3-{k}.L") for k in (1, 2, 3)]
    tip = rest[data.tails["finger3-3.L"]].mean(axis=0)
    length = sum(float(np.linalg.norm(b - a)) for a, b in zip([wrist, *chain], [*chain, tip], strict=True))
    y = wrist - chain[0]
    y /= np.linalg.norm(y)
    z = bone_head(data, rest, "finger2-1.L") - bone_head(data, rest, "finger5-1.L")
    z -= y * (z @ y)
    z /= np.linalg.norm(z)
    return wrist, np.stack([np.cross(y, z), y, z], axis=1), length


def in_hand(data: BodyData, rest: Vertices, points: Array) -> Array:
    """(N, 3) points of the body in the frame of the left hand, in hands."""
    wrist, axes, length = frame(data, rest)
    return np.asarray((points - wrist) @ axes / length)


def bent(data: BodyData, rest: Vertices, gesture: Gesture) -> dict[str, Array]:
    """Rotations of the left hand's finger bones for `posing.pose`."""
    _, axes, _ = frame(data, rest)
    x, z = axes[:, 0], axes[:, 2]
    out: dict[str, Array] = {}
    for finger, (flexion, spread) in enumerate(zip(gesture.flexion, gesture.spread, strict=True), 2):
        chain = [bone_head(data, rest, f"finger{finger}-{k}.L") for k in (1, 2, 3)]
        chain.append(rest[data.tails[f"finger{finger}-3.L"]].mean(axis=0).astype(float))
        ways = np.diff(np.stack(chain), axis=0) @ axes
        held = np.degrees(np.arctan2(-ways[:, 0], -ways[:, 1]))  # how far each bone points toward the palm at rest
        aside = float(np.degrees(np.arctan2(ways[0, 2], np.hypot(ways[0, 0], ways[0, 1]))))
        at_rest = np.diff(held, prepend=0.0)
        for joint in (1, 2, 3):
            turn = rotation(-z, flexion[joint - 1] - at_rest[joint - 1])
            out[f"finger{finger}-{joint}.L"] = turn @ rotation(-x, spread - aside) if joint == 1 else turn
    oppose, abduct, middle, outer = gesture.thumb
    across = np.cross(_way(data, rest), x)
    out["finger1-1.L"] = rotation(axes[:, 1], oppose) @ rotation(-x, abduct)
    out["finger1-2.L"] = rotation(across, middle)
    out["finger1-3.L"] = rotation(across, outer)
    return out


def _way(data: BodyData, rest: Vertices) -> Array:
    """(3,) along the thumb's outer bones."""
    return np.asarray(rest[data.tails["finger1-3.L"]].mean(axis=0) - bone_head(data, rest, "finger1-2.L"))


def _person(data: BodyData, net: NDArray[np.int64], rng: np.random.Generator) -> tuple[Array, Array]:
    """(3,) presentation, years and fullness from -1 to 1, and (G, P, 3) the hand in every gesture."""
    masculine = float(rng.choice([0.05, 0.5, 0.95]) + rng.uniform(-0.05, 0.05))
    build = sample_build(rng, masculine, tone=int(rng.integers(1, 11)))
    known = np.array([2 * masculine - 1, (build.age - 49) / 31, 2 * np.clip(build.weight, 0, 1.2) - 1])
    return known, posed_hands(data, shape(data, build), net)


def posed_hands(data: BodyData, rest: Vertices, net: NDArray[np.int64]) -> Array:
    """(G, P, 3) the left hand of one body in every gesture, in hands."""
    return np.stack([_posed(data, rest, net, gesture) for gesture in GESTURES.values()])


def _posed(data: BodyData, rest: Vertices, net: NDArray[np.int64], gesture: Gesture) -> Array:
    posed = pose(data, rest, bent(data, rest, gesture))
    # The body is moved to its hips as a whole; only fingers are turned, so a shift brings the wrist back.
    wrist = int(np.argmin(np.abs(rest - bone_head(data, rest, "lowerarm02.L")).sum(axis=1)))
    back = rest[wrist] - posed.vertices[wrist]
    return in_hand(data, rest, (posed.vertices[net] + back).astype(np.float64))


def nails(data: BodyData, net: NDArray[np.int64], straight: Array, triangles: NDArray[np.int64]) -> Array:
    """(5, 3, 3) thumb to little finger: the middle of a nail on the straight hand, its half length and half width."""
    rest, out = data.vertices, []
    normals = vertex_normals(straight, triangles)
    for finger in range(1, 6):
        tip = straight[_nearest(net, rest, rest[data.tails[f"finger{finger}-3.L"]].mean(axis=0))]
        bone = data.bones.index(f"finger{finger}-3.L")
        own = np.array([_weight(data, int(vertex), bone) > 0.6 for vertex in net])
        root = straight[own].mean(axis=0) * 2 - tip
        along = (tip - root) / np.linalg.norm(tip - root)
        # Fingers show their nails on the back of the hand, the thumb to its side.
        dorsal = np.array([1.0, 0, 0]) if finger > 1 else np.array([0.45, 0.0, 0.89])
        dorsal -= along * (dorsal @ along)
        dorsal /= np.linalg.norm(dorsal)
        across = np.cross(along, dorsal)
        reach = straight[own] @ along
        aside = straight[own] @ across
        half = 0.44 * float(np.ptp(aside)), 0.30 * float(np.ptp(reach))
        on = own & (normals @ dorsal > 0.75) & (straight @ along > reach.max() - 2.6 * half[1])
        middle = straight[on].mean(axis=0)
        middle += along * (reach.max() - 1.35 * half[1] - middle @ along)
        out.append(np.stack([middle, along * half[1], across * half[0]]))
    return np.stack(out)


def _nearest(net: NDArray[np.int64], rest: Vertices, point: NDArray[np.float32]) -> int:
    return int(np.argmin(np.linalg.norm(rest[net] - point, axis=1)))


def _weight(data: BodyData, vertex: int, bone: int) -> float:
    row = slice(data.weight_starts[vertex], data.weight_starts[vertex + 1])
    return float(data.weight_values[row][data.weight_bones[row] == bone].sum())


def fit(known: Array, hands: Array) -> dict[str, Array]:
    """(G, P, 3) mean and (3, G, P, 3) what each known share does, by least squares over (N, 3) and (N, G, P, 3)."""
    design = np.column_stack([np.ones(len(known)), known])
    linear = np.linalg.lstsq(design, hands.reshape(len(hands), -1), rcond=None)[0]
    return {"mean": linear[0].reshape(hands.shape[1:]), "axes": linear[1:].reshape(3, *hands.shape[1:])}


def stored(form: dict[str, Array]) -> dict[str, NDArray[Any]]:
    """Halves for the mean; a byte and a scale for what moves it."""
    scale = np.abs(form["axes"]).max(axis=(1, 2, 3), keepdims=True) / 127
    return {
        "mean": form["mean"].astype(np.float16),
        "axes": np.round(form["axes"] / scale).astype(np.int8),
        "axes_scale": scale.astype(np.float32),
    }


def _open(hand: Array, triangles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(P,) share of the sky that each point of a hand sees, as a byte."""
    size = 40.0  # of the hand in the picture that openness is measured in: ten pixels a unit
    share, _ = openness(hand * size + [0, 0.5 * size, 0], triangles.astype(np.int32), len(hand))
    return np.asarray(np.round(255 * share), np.uint8)


if __name__ == "__main__":
    main()
