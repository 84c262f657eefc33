"""Who is in the picture and what they wear: one frozen value, and a balanced draw of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from training.people.anatomy import Build
from training.people.cloth import COMPANIONS, Cloth, Fabric
from training.people.head import COLOURS, MESHES

RGB = tuple[int, int, int]
SCENES = ("studio-white", "studio-grey", "wall-sand", "wall-sage", "wall-blush", "wall-navy", "street", "room")
FEATURES = ("glasses",)


@dataclass(frozen=True)
class Companion:
    """A piece of styling by its name in `templates/styling`."""

    slot: str  #: top, bottom, shoes
    shape: str
    colour: RGB


@dataclass(frozen=True)
class Spec:
    """Everything a picture of a person needs but pose and view."""

    tone: int  #: Monk 1..10
    build: Build
    hair: str = "short"
    hair_colour: str = "black"
    features: tuple[str, ...] = ()
    scene: str = "studio-white"
    garment: Cloth = field(default_factory=lambda: Cloth("top"))
    companions: tuple[Companion, ...] = ()
    seed: int = 0

    @property
    def presentation(self) -> float:
        """0 feminine .. 1 masculine."""
        return self.build.masculine


def sample_spec(rng: np.random.Generator) -> Spec:
    """A balanced draw: tones uniform, adults of 18 to 80, all sizes, presentations and categories."""
    masculine = float(rng.choice([rng.uniform(0, 0.15), rng.uniform(0.85, 1), rng.uniform(0.35, 0.65)], p=[0.5, 0.4, 0.1]))
    tone = int(rng.integers(1, 11))
    build = sample_build(rng, masculine, tone)
    hair, features = sample_hair(rng, masculine, build.age)
    garment = sample_garment(rng, masculine)
    return Spec(
        tone=tone,
        build=build,
        hair=hair,
        hair_colour=sample_hair_colour(rng, build.age, tone),
        features=features,
        scene=str(rng.choice(SCENES)),
        garment=garment,
        companions=sample_companions(rng, garment, masculine),
        seed=int(rng.integers(2**31)),
    )


def sample_build(rng: np.random.Generator, masculine: float, tone: int) -> Build:
    """Any adult body. Faces are mixed from all three sources in every tone, with a bias that keeps them plausible."""
    age = float(rng.uniform(18, 80) if rng.random() < 0.5 else rng.uniform(20, 45))
    weight = float(rng.choice([rng.uniform(0.15, 0.6), rng.uniform(0.5, 0.95), rng.uniform(0.95, 1.45)], p=[0.5, 0.22, 0.28]))
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
    feminine = ["short", "side-part", "curly-short", "afro", "bob", "medium-wavy", "long", "long-wavy", "ponytail", "bun", "braids", "hijab", "buzz", "bald"]
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


def sample_colour(rng: np.random.Generator) -> RGB:
    """Colours that clothes have: whites, blacks, greys, navies, earths, and saturated ones."""
    kind = rng.random()
    if kind < 0.2:
        v = rng.uniform(225, 250)
        c = np.array([v, v - rng.uniform(0, 6), v - rng.uniform(0, 14)])
    elif kind < 0.38:
        c = rng.uniform(18, 50) + rng.uniform(-4, 8, 3)
    elif kind < 0.5:
        c = rng.uniform(90, 190) + rng.uniform(-8, 8, 3)
    else:
        import colorsys

        hue = rng.random()
        # Neon greens and cyans are rare in wardrobes.
        calm = 0.6 if 0.2 < hue < 0.55 else 0.9
        c = np.array(colorsys.hsv_to_rgb(hue, rng.beta(2, 2.2) * calm, rng.uniform(0.2, 0.88))) * 255
    r, g, b = np.clip(c, 8, 250).astype(int)
    return int(r), int(g), int(b)


def sample_fabric(rng: np.random.Generator, category: str) -> Fabric:
    denim = category in ("trousers", "shorts", "skirt", "outerwear", "jumpsuit")
    kinds = ["solid", "stripes-h", "stripes-v", "check", "dots", "floral", "blobs", "letters", "logo", "denim", "knit", "heather", "block"]
    p = np.array([34, 8, 4, 6, 4, 6, 4, 3, 12, 0, 6, 6, 2.0])
    if denim:
        p[8], p[9], p[12] = 1, 16, 0
    pattern = str(rng.choice(kinds, p=p / p.sum()))
    colour, second = sample_colour(rng), sample_colour(rng)
    if pattern == "denim":
        v = rng.uniform(0.25, 1.0)
        colour = (int(40 + 70 * v), int(58 + 82 * v), int(92 + 88 * v))
    scale = float(rng.uniform(1.2, 7.0)) if pattern != "logo" else float(rng.uniform(3, 9))
    return Fabric(pattern, colour, second, scale, float(rng.choice([0, 0, 0.6])), int(rng.integers(10**6)))


def sample_garment(rng: np.random.Generator, masculine: float) -> Cloth:
    names = ["top", "outerwear", "dress", "jumpsuit", "trousers", "shorts", "skirt"]
    p = np.array([0.36, 0.14, 0.18 * (1.15 - masculine), 0.05, 0.13, 0.07, 0.10 * (1.15 - masculine)])
    category = str(rng.choice(names, p=p / p.sum()))
    fabric = sample_fabric(rng, category)
    loose = float(rng.beta(1.3, 2.0))
    u = rng.uniform
    if category in ("top", "outerwear"):
        outer = category == "outerwear"
        sleeve = float(rng.choice([0.0, u(0.18, 0.45), u(0.5, 0.8), u(0.92, 1.02)], p=[0.0, 0.05, 0.1, 0.85] if outer else [0.14, 0.46, 0.1, 0.3]))
        return Cloth(
            category,
            fabric,
            sleeve=sleeve,
            neck=str(rng.choice(["crew", "v", "scoop", "boat", "turtle", "collar"], p=[0.2, 0.2, 0, 0, 0.1, 0.5] if outer else [0.42, 0.16, 0.1, 0.07, 0.08, 0.17])),
            hem=float(u(0.16, 0.4) if outer else u(0.08, 0.32)),
            ease=float((2.5 if outer else 0.8) + 6.5 * loose),
            hang=float(u(0.3, 1.0)),
            flare=float(max(0, rng.normal(0.1, 0.3))),
            sleeve_ease=float((2.0 if outer else 1.0) + 4.5 * loose * u(0.5, 1.2)),
            sleeve_flare=float(max(0, rng.normal(0, 1.6))),
            opening=str(rng.choice(["open", "zip", "buttons"])) if outer else str(rng.choice(["none", "buttons"], p=[0.85, 0.15])),
            folds=float(u(0.6, 1.5)),
        )
    if category == "dress":
        return Cloth(
            category,
            fabric,
            sleeve=float(rng.choice([0.0, u(0.18, 0.4), u(0.5, 0.8), 0.98], p=[0.4, 0.3, 0.1, 0.2])),
            neck=str(rng.choice(["crew", "v", "scoop", "boat", "collar"], p=[0.25, 0.3, 0.25, 0.1, 0.1])),
            hem=float(u(0.42, 0.97)),
            ease=float(0.8 + 4.0 * loose),
            hang=float(u(0.0, 0.8)),
            flare=float(u(0, 3.0)),
            sleeve_ease=float(u(1.0, 4.0)),
            sleeve_flare=float(max(0, rng.normal(0, 2))),
            folds=float(u(0.7, 1.5)),
        )
    if category == "skirt":
        return Cloth(category, fabric, hem=float(u(0.4, 0.97)), ease=float(u(0.8, 2.0)), hang=float(u(0.4, 1)), flare=float(u(-0.3, 3.2)), folds=float(u(0.6, 1.5)))
    if category == "jumpsuit":
        return Cloth(
            category,
            fabric,
            sleeve=float(rng.choice([0.0, 0.35, 0.98])),
            neck=str(rng.choice(["crew", "v", "collar"])),
            hem=float(u(0.75, 0.98)),
            ease=float(u(1, 4)),
            leg_ease=float(u(1, 3)),
            leg_hem=float(u(6, 14)),
            opening=str(rng.choice(["none", "zip", "buttons"])),
            folds=float(u(0.8, 1.4)),
        )
    short = category == "shorts"
    return Cloth(
        category,
        fabric,
        hem=float(u(0.22, 0.5) if short else u(0.8, 0.99)),
        leg_ease=float(0.6 + 3.0 * loose),
        leg_hem=float(u(10, 15) if short else u(6, 9) + 9 * loose),
        rise=float(u(-3, 1)),
        folds=float(u(0.6, 1.4)),
    )


def sample_companions(rng: np.random.Generator, garment: Cloth, masculine: float) -> tuple[Companion, ...]:
    out = []
    if garment.category in ("trousers", "shorts", "skirt", "outerwear"):
        shapes = ["t-shirt", "long-sleeve", "tank", "shirt"]
        if garment.category == "outerwear":
            shapes = ["t-shirt", "tank", "t-shirt", "t-shirt"]
        out.append(Companion("top", str(rng.choice(shapes)), sample_colour(rng)))
    if garment.category in ("top", "outerwear"):
        shapes = ["straight-trousers", "wide-trousers", "slim-trousers", "shorts", "a-line-skirt", "pencil-skirt"]
        p = np.array([0.36, 0.16, 0.3, 0.1, 0.08 * (1.2 - masculine), 0.08 * (1.2 - masculine)])
        out.append(Companion("bottom", str(rng.choice(shapes, p=p / p.sum())), sample_colour(rng)))
    p = np.array([0.5, 0.16 * (1.1 - masculine), 0.2, 0.14 * (1.1 - masculine), 0.05])
    out.append(Companion("shoes", str(rng.choice(["sneakers", "flats", "boots", "heels", "barefoot"], p=p / p.sum())), sample_colour(rng)))
    return tuple(out)


def companion_cloth(c: Companion) -> Cloth:
    """The cloth of a top or bottom piece in its colour."""
    return replace(COMPANIONS[c.shape], fabric=Fabric("solid", c.colour))


def mesh_for(hair: str, seed: int) -> str:
    meshes = MESHES[hair]
    return meshes[seed % len(meshes)] if meshes else ""
