"""Fit the form of heads that `fashion_gen/body/head/head_form.npz` holds: a mean, three axes and ten free modes over many adults.

    python -m training.head_form [--heads 320] [--out fashion_gen/body/head/head_form.npz]

Heads are drawn as the renderer draws them (`people/likeness.py`) from the CC0 body (`pack.py`), brought to one size (width of
the skull, chin to crown, brow to nape: 2 by 2 by 2) and averaged with their mirror images. What is known of a person
(presentation, years, fullness) is regressed out first; the principal components of the rest are the free modes (after
Blanz and Vetter, "A Morphable Model for the Synthesis of 3D Faces", 1999). Lips, lids and ears fold over themselves, so the
form is kept on the body's own net of points, of which the left half is stored; inner surfaces that nobody can see are left out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.drawing.raster import fill
from fashion_gen.body.head.hairline import grown
from fashion_gen.body.head.model import FORM, vertex_normals
from training import pack
from training.pack import BodyData
from training.people.anatomy import Vertices, shape
from training.people.likeness import sample_build

MODES = 10
#: Everybody has the same expression, or smiles would be the first free mode.
CALM = {
    "expression/mouth-corner-puller": 0.35,
    "expression/eye-left-slit": 0.05,
    "expression/eye-right-slit": 0.05,
    "expression/eyebrows-left-up": 0.3,
    "expression/eyebrows-right-up": 0.3,
}
#: Degrees from the front, and the height of the hairline there.
FLOOR = 56.3  #: of the neck on the base mesh, cm; its front reaches down to the pit of the throat
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Net:
    """The points of a head: the left half with the midline, then the mirror images of all but the midline."""

    left: NDArray[np.int64]  #: (H,) body vertices with x >= 0
    right: NDArray[np.int64]  #: (H,) their mirror images; the same on the midline
    triangles: NDArray[np.int64]  #: (T, 3) body vertices whose middle is on the left
    chin: int
    brow: int
    eye: NDArray[np.int32]  #: vertices of the left eyeball
    skull: NDArray[np.int64]  #: vertices over the ears, where the skull is widest


def main() -> None:
    """Sample, fit, write, and print what a mode moves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=320)
    parser.add_argument("--out", type=Path, default=FORM)
    asked = parser.parse_args()
    data = pack.load()
    net = _net(data)
    rng = np.random.default_rng(20)
    people = [_person(data, net, rng) for _ in range(asked.heads)]
    known = np.stack([who for who, _ in people])
    heads = np.stack([head for _, head in people])
    form = fit(known, heads)
    out = _seen(data, net, form["mean"]) | _stored(form)
    out["scalp"] = np.round(scalp(form["mean"][:-2]) * 255).astype(np.uint8)
    _trim(out)
    np.savez_compressed(asked.out, **out)
    spread = [f"{value:.3f}" for value in form["spread"]]
    print(f"{asked.out}: {asked.out.stat().st_size / 1e3:.0f} kB, {len(out['mean'])} points, modes {' '.join(spread)}")


def _net(data: BodyData) -> Net:
    v = data.vertices
    corners = data.body.source[data.body.triangles].astype(np.int64)
    inside = (v[:, 1] > FLOOR) & (np.abs(v[:, 0]) < 10.1)
    triangles = corners[inside[corners].all(axis=1) & (v[corners, 0].mean(axis=1) > 0)]
    used = np.unique(corners[inside[corners].all(axis=1)])
    left = used[v[used, 0] > -1e-4]
    order = np.lexsort(np.round(v[used] * [-1, 1, 1], 3).T)
    same = np.lexsort(np.round(v[used], 3).T)
    mirror = dict(zip(used[same], used[order], strict=True))
    middle = used[(np.abs(v[used, 0]) < 1e-4) & (v[used, 2] > 8)]
    return Net(
        left=left,
        right=np.array([mirror[k] for k in left]),
        triangles=triangles,
        chin=int(middle[np.argmin(np.abs(v[middle] - np.array([0, 62.3, 14.0])).sum(axis=1))]),
        brow=int(middle[np.argmin(np.abs(v[middle, 1] - 75.2))]),
        eye=data.groups["helper-l-eye"],
        skull=used[(v[used, 1] > 75.5)],
    )


def _person(data: BodyData, net: Net, rng: np.random.Generator) -> tuple[Array, Array]:
    """(3,) presentation, years and fullness from -1 to 1, and (H + 2, 3) the head: points, then the eye's middle and pole."""
    masculine = float(rng.choice([0.05, 0.5, 0.95]) + rng.uniform(-0.05, 0.05))
    build = sample_build(rng, masculine, tone=int(rng.integers(1, 11)))
    rest = shape(data, replace(build, details=dict(build.details) | CALM))
    known = np.array([2 * masculine - 1, (build.age - 49) / 31, 2 * np.clip(build.weight, 0, 1.2) - 1])
    return known, normalised(rest, net)


def normalised(rest: Vertices, net: Net) -> Array:
    """The head in shares of its own half axes, the mean of itself and its mirror image."""
    v = rest.astype(np.float64)
    skull = v[net.skull]
    top, chin = float(skull[:, 1].max()), float(v[net.chin, 1])
    back, front = float(skull[:, 2].min()), float(v[net.brow, 2])
    half = np.array([np.abs(skull[:, 0]).max(), (top - chin) / 2, (front - back) / 2])
    centre = np.array([0.0, (top + chin) / 2, (front + back) / 2])
    eye = v[net.eye]
    extra = np.stack([(eye.min(axis=0) + eye.max(axis=0)) / 2, eye[eye[:, 2].argmax()]])
    both = (v[net.left] + v[net.right] * [-1, 1, 1]) / 2
    return np.asarray((np.concatenate([both, extra]) - centre) / half)


def fit(known: Array, heads: Array) -> dict[str, Array]:
    """Mean, axes of what is known and the principal components of the rest, one deviation each."""
    count = len(heads)
    design = np.column_stack([np.ones(count), known])
    flat = heads.reshape(count, -1)
    linear = np.linalg.lstsq(design, flat, rcond=None)[0]
    rest = flat - design @ linear
    # A face is known by its front; scalp and neck follow.
    front = np.where((heads.mean(axis=0)[:, 2] > 0.1) & (heads.mean(axis=0)[:, 1] > -1.1), 1.0, 0.25)
    weight = np.repeat(front, 3)
    share, deviation, _ = np.linalg.svd(rest * weight, full_matrices=False)
    modes = share[:, :MODES].T @ rest / np.sqrt(count)
    shape_ = heads.shape[1:]
    return {
        "mean": linear[0].reshape(shape_),
        "axes": linear[1:].reshape(3, *shape_),
        "modes": modes.reshape(MODES, *shape_),
        "spread": deviation[:MODES] / np.sqrt(count),
    }


def _seen(data: BodyData, net: Net, mean: Array) -> dict[str, NDArray[Any]]:
    """The triangles that can be seen, and how open each point is to light from all around (0 to 255)."""
    size = np.array([7.3, 10.75, 9.27])
    count = len(net.left)
    index = np.full(len(data.vertices), -1)
    index[net.right] = np.arange(count) + count
    index[net.left] = np.arange(count)
    half = index[net.triangles]
    # Triangles of the left reach over no midline: the body's net has an edge there.
    points = np.concatenate([mean[:count], mean[:count] * [-1, 1, 1]]) * size
    mirrored = np.where(half < count, half + count, half - count)[:, ::-1]
    triangles = np.concatenate([half, mirrored])
    ball, ball_triangles = _eyeballs(mean[count:] * size)
    scene = np.concatenate([points, ball])
    everything = np.concatenate([triangles, ball_triangles + len(points)]).astype(np.int32)
    open_, seen = openness(scene, everything, len(points))
    # Two rings more than can be seen: free modes part lips and lids a little.
    for _ in range(2):
        visible = np.unique(half[(seen[half] > 0).any(axis=1)])
        seen[visible] += 1
    kept = (seen[half] > 0).any(axis=1)
    return {"triangles": half[kept].astype(np.uint16), "open": np.round(255 * open_[:count]).astype(np.uint8)}


def _eyeballs(eye: Array) -> tuple[Array, NDArray[np.int64]]:
    """Both eyeballs as 12 x 24 globes."""
    radius = float(np.linalg.norm(eye[1] - eye[0]))
    t, u = np.meshgrid(np.linspace(0, np.pi, 12), np.linspace(0, 2 * np.pi, 24), indexing="ij")
    globe = radius * np.stack([np.sin(t) * np.cos(u), np.cos(t), np.sin(t) * np.sin(u)], axis=-1).reshape(-1, 3)
    a = (np.arange(11)[:, None] * 24 + np.arange(23)).ravel()
    net = np.concatenate([np.stack([a, a + 1, a + 24], 1), np.stack([a + 1, a + 25, a + 24], 1)])
    return np.concatenate([globe + eye[0], globe + eye[0] * [-1, 1, 1]]), np.concatenate([net, net + len(globe)])


def openness(points: Array, triangles: NDArray[np.int32], count: int) -> tuple[Array, Array]:
    """Of the first `count` points: the share of a cosine-weighted sky that each sees, and in how many directions it is seen."""
    normals = vertex_normals(points, triangles)[:count]
    lit, all_, seen = np.zeros(count), np.full(count, 1e-9), np.zeros(count)
    golden = np.pi * (3 - np.sqrt(5))
    for k in range(160):
        z = 1 - 2 * (k + 0.5) / 160
        r = np.sqrt(1 - z * z)
        toward = np.array([r * np.cos(golden * k), z, r * np.sin(golden * k)])
        right = np.cross([0.0, 1.0, 0.0], toward)
        right /= np.linalg.norm(right)
        turned = points @ np.stack([right, np.cross(toward, right), toward]).T
        pixels = np.column_stack([turned[:, 0] * 10 + 200, 200 - turned[:, 1] * 10, turned[:, 2]])
        depth = fill(pixels, triangles, np.ones(len(points)), 400, 400)[2]
        x, y = (np.clip(pixels[:count, a].astype(int), 0, 399) for a in (0, 1))
        free = turned[:count, 2] > depth[y, x] - 0.25
        facing = np.maximum(normals @ toward, 0)
        lit += free * facing
        all_ += facing
        seen += free & (facing > 0.05)
    return lit / all_, seen


def scalp(points: Array) -> Array:
    """(P,) 0 before the hairline of (P, 3) points in shares, 1 well behind it; nothing grows on ears."""
    return np.asarray(np.clip(grown(points), 0, 1))


def _stored(form: dict[str, Array]) -> dict[str, NDArray[Any]]:
    """Halves for the mean; a byte and a scale for what moves it."""
    out: dict[str, NDArray[Any]] = {"mean": form["mean"].astype(np.float16)}
    for name in ("axes", "modes"):
        scale = np.abs(form[name]).max(axis=1, keepdims=True) / 127
        out[name] = np.round(form[name] / scale).astype(np.int8)
        out[f"{name}_scale"] = scale.astype(np.float32)
    return out


def _trim(out: dict[str, NDArray[Any]]) -> None:
    """Leave out points of no triangle, in place; the eye's two stay last."""
    count = len(out["mean"]) - 2
    triangles = out["triangles"].astype(np.int64)
    used = np.unique(triangles % count)
    new = np.full(count, -1)
    new[used] = np.arange(len(used))
    out["triangles"] = (new[triangles % count] + len(used) * (triangles >= count)).astype(np.uint16)
    keep = np.concatenate([used, [count, count + 1]])
    out["mean"] = out["mean"][keep]
    for name in ("axes", "modes"):
        out[name] = out[name][:, keep]
    for name in ("open", "scalp"):
        out[name] = out[name][used]


if __name__ == "__main__":
    main()
