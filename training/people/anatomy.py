"""An adult body from a handful of continuous values: mixed targets over the base mesh, in centimetres.

How targets combine (a product of weights per factor) follows MakeHuman's macro modifiers; the code is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.pack import BodyData

Vertices = NDArray[np.float32]

ADULT = 18.0
YOUNG, OLD = 25.0, 90.0  # the ages of the two age targets


@dataclass(frozen=True)
class Build:
    """Who it is, as numbers. All but age, stature and details run from 0 to 1."""

    masculine: float = 0.0
    age: float = 30.0  #: years, at least 18
    stature: float = 170.0  #: cm, crown to sole
    muscle: float = 0.5
    weight: float = 0.5
    proportions: float = 0.5
    mix: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)  #: shares of the geometry sources a, b, c
    cup: float = 0.5
    belly: float = 0.0  #: maternity, 1 is the ninth month
    details: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))  #: target name -> weight


@njit(cache=True)
def _add(v: Vertices, index: NDArray[np.int32], offset: Vertices, weight: float) -> None:
    for k in range(index.shape[0]):
        i = index[k]
        v[i, 0] += weight * offset[k, 0]
        v[i, 1] += weight * offset[k, 1]
        v[i, 2] += weight * offset[k, 2]


def _three(x: float, noun: str) -> dict[str, float]:
    return {f"min{noun}": max(0.0, 1 - 2 * x), f"average{noun}": 1 - abs(2 * x - 1), f"max{noun}": max(0.0, 2 * x - 1)}


def _figures(build: Build) -> Iterator[tuple[str, float]]:
    """The (gender-age-muscle-weight) corners and their shares."""
    old = float(np.clip((build.age - YOUNG) / (OLD - YOUNG), 0, 1))
    for g, gw in (("female", 1 - build.masculine), ("male", build.masculine)):
        for a, aw in (("young", 1 - old), ("old", old)):
            for m, mw in _three(build.muscle, "muscle").items():
                for w, ww in _three(build.weight, "weight").items():
                    if (k := gw * aw * mw * ww) > 1e-4:
                        yield f"{g}-{a}-{m}-{w}", k


def _macro_weights(build: Build) -> dict[str, float]:
    out: dict[str, float] = {}
    old = float(np.clip((build.age - YOUNG) / (OLD - YOUNG), 0, 1))
    for g, gw in (("female", 1 - build.masculine), ("male", build.masculine)):
        for a, aw in (("young", 1 - old), ("old", old)):
            for letter, share in zip("abc", build.mix, strict=True):
                out[f"macro/{letter}-{g}-{a}"] = gw * aw * share
    for name, k in _figures(build):
        out[f"macro/universal-{name}"] = k
        side = "ideal" if build.proportions > 0.5 else "uncommon"
        out[f"macro/proportions/{name}-{side}proportions"] = k * abs(2 * build.proportions - 1)
    for a, aw in (("young", 1 - old), ("old", old)):
        for w, ww in _three(build.weight, "weight").items():
            side = "max" if build.cup > 0.5 else "min"
            out[f"breast/{a}-{w.removesuffix('weight')}-{side}"] = (
                (1 - build.masculine) * aw * ww * abs(2 * build.cup - 1)
            )
    out["stomach/stomach-pregnant-incr"] = build.belly
    return out


def stature(data: BodyData, vertices: Vertices) -> float:
    """Crown to sole in cm."""
    y = vertices[data.groups["body"], 1]
    return float(y.max() - y.min())


def shape(data: BodyData, build: Build) -> Vertices:
    """(V, 3) float32 cm: body and helper surfaces in the rest pose (arms half raised, elbows bent a little)."""
    if build.age < ADULT:
        raise ValueError(f"Bodies are adults only: age {build.age} must be at least {ADULT:.0f}.")
    v = data.vertices.copy()
    for name, weight in {**_macro_weights(build), **build.details}.items():
        if abs(weight) > 1e-4 and name in data.targets:
            _add(v, *data.targets[name], weight)
    base = stature(data, v)
    side = "max" if build.stature > base else "min"
    delta = np.zeros_like(v)
    for name, k in _figures(build):
        key = f"macro/height/{name}-{side}height"
        if key in data.targets:
            _add(delta, *data.targets[key], k)
    # Vertices are linear in the height weight, so one step lands on the asked stature but for the toes.
    gain = stature(data, v + delta * 0.25) - base
    if abs(gain) > 1e-3:
        v += delta * (0.25 * (build.stature - base) / gain)
    return v
