"""Draws of bodies, faces and hair."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from training.people.anatomy import Build
from training.people.hair import COLOURS


def sample_build(rng: np.random.Generator, masculine: float, tone: int) -> Build:
    """Any adult body. Faces are mixed from all three sources in every tone, with a bias that keeps them plausible."""
    age = float(rng.uniform(18, 80) if rng.random() < 0.5 else rng.uniform(20, 45))
    weight = float(
        rng.choice([rng.uniform(0.15, 0.6), rng.uniform(0.5, 0.95), rng.uniform(0.95, 1.45)], p=[0.5, 0.22, 0.28])
    )
    bias = np.array([0.3, 1.2, 1.6]) if tone <= 5 else np.array([2.2, 0.6, 0.5])
    mix = rng.dirichlet(bias)
    stature = float(np.clip(rng.normal(163 + 13 * masculine, 8), 145, 200))
    belly = float(rng.uniform(0.5, 1.0)) if masculine < 0.3 and age < 45 and rng.random() < 0.07 else 0.0
    return Build(
        masculine=masculine,
        age=age,
        stature=stature,
        muscle=float(rng.uniform(0.35, 0.6 + 0.25 * masculine)),
        weight=weight if belly == 0 else min(weight, 0.7),
        proportions=float(rng.uniform(0.5, 0.95)),
        mix=(float(mix[0]), float(mix[1]), float(mix[2])),
        cup=float(rng.uniform(0.15, 0.95)),
        belly=belly,
        details=sample_face(rng),
    )


# slider pairs of the face and how far each may go
_SLIDERS: Mapping[str, float] = MappingProxyType(
    {
        "nose/nose-scale-horiz-decr|nose/nose-scale-horiz-incr": 0.6,
        "nose/nose-scale-vert-decr|nose/nose-scale-vert-incr": 0.5,
        "nose/nose-volume-decr|nose/nose-volume-incr": 0.5,
        "nose/nose-hump-decr|nose/nose-hump-incr": 0.6,
        "nose/nose-point-down|nose/nose-point-up": 0.5,
        "nose/nose-width2-decr|nose/nose-width2-incr": 0.5,
        "mouth/mouth-scale-horiz-decr|mouth/mouth-scale-horiz-incr": 0.5,
        "mouth/mouth-upperlip-volume-decr|mouth/mouth-upperlip-volume-incr": 0.6,
        "mouth/mouth-lowerlip-volume-decr|mouth/mouth-lowerlip-volume-incr": 0.6,
        "mouth/mouth-trans-down|mouth/mouth-trans-up": 0.3,
        "chin/chin-width-decr|chin/chin-width-incr": 0.6,
        "chin/chin-height-decr|chin/chin-height-incr": 0.4,
        "chin/chin-prominent-decr|chin/chin-prominent-incr": 0.5,
        "cheek/l-cheek-bones-decr|cheek/l-cheek-bones-incr": 0.6,
        "cheek/l-cheek-volume-decr|cheek/l-cheek-volume-incr": 0.5,
        "eyes/l-eye-scale-decr|eyes/l-eye-scale-incr": 0.45,
        "eyes/l-eye-corner2-down|eyes/l-eye-corner2-up": 0.4,
        "eyes/l-eye-trans-in|eyes/l-eye-trans-out": 0.35,
        "eyebrows/eyebrows-angle-down|eyebrows/eyebrows-angle-up": 0.25,
        "eyebrows/eyebrows-trans-down|eyebrows/eyebrows-trans-up": 0.4,
        "forehead/forehead-scale-vert-decr|forehead/forehead-scale-vert-incr": 0.4,
        "head/head-scale-horiz-decr|head/head-scale-horiz-incr": 0.35,
        "head/head-scale-vert-decr|head/head-scale-vert-incr": 0.3,
        "head/head-fat-decr|head/head-fat-incr": 0.4,
        "ears/l-ear-scale-decr|ears/l-ear-scale-incr": 0.4,
        "neck/neck-scale-horiz-decr|neck/neck-scale-horiz-incr": 0.3,
    }
)

_HEADS = ("oval", "round", "rectangular", "square", "triangular", "invertedtriangular", "diamond")


def sample_face(rng: np.random.Generator) -> Mapping[str, float]:
    """Face shape and a neutral to slightly smiling expression, symmetrical."""
    out: dict[str, float] = {}
    for pair, reach in _SLIDERS.items():
        value = float(np.clip(rng.normal(0, 0.45), -1, 1)) * reach
        name = pair.split("|")[int(value > 0)]
        out[name] = abs(value)
        if "/l-" in name:
            out[name.replace("/l-", "/r-")] = abs(value)
    out["eyebrows/eyebrows-trans-up"] = out.get("eyebrows/eyebrows-trans-up", 0.0) + 0.25
    out[f"head/head-{rng.choice(_HEADS)}"] = float(rng.uniform(0, 0.5))
    smile = float(rng.uniform(0.2, 1.1)) if rng.random() < 0.8 else 0.0
    out["expression/mouth-corner-puller"] = smile
    out["expression/eye-left-slit"] = out["expression/eye-right-slit"] = smile * 0.15
    out["expression/eyebrows-left-up"] = out["expression/eyebrows-right-up"] = float(rng.uniform(0.1, 0.6))
    return MappingProxyType(out)


def sample_hair(rng: np.random.Generator, masculine: float, age: float) -> tuple[str, tuple[str, ...]]:
    feminine = [
        "short",
        "side-part",
        "curly-short",
        "afro",
        "bob",
        "medium-wavy",
        "long",
        "long-wavy",
        "ponytail",
        "bun",
        "braids",
        "hijab",
        "buzz",
        "bald",
    ]
    p_f = np.array([7, 4, 6, 8, 11, 9, 11, 10, 10, 8, 6, 6, 2, 2.0])
    p_m = np.array([26, 16, 10, 6, 1, 2, 2, 1, 2, 2, 1, 0, 14, 12.0])
    p = p_m * masculine + p_f * (1 - masculine)
    style = str(rng.choice(feminine, p=p / p.sum()))
    features = ("hijab",) if style == "hijab" else ()
    return style, features + (("glasses",) if rng.random() < (0.12 if age < 45 else 0.3) else ())


def sample_hair_colour(rng: np.random.Generator, age: float, tone: int) -> str:
    if rng.random() < np.clip((age - 42) / 35, 0, 0.9):
        return "white" if rng.random() < np.clip((age - 55) / 40, 0, 0.6) else "grey"
    light = np.array([0.22, 0.24, 0.2, 0.12, 0.14, 0.08])
    dark = np.array([0.62, 0.24, 0.08, 0.02, 0.02, 0.02])
    p = light if tone <= 5 else dark
    return str(rng.choice(list(COLOURS)[:6], p=p / p.sum()))
