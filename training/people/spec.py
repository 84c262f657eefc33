"""Who is in the picture and what they wear: one frozen value, and a balanced draw of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from training.people.anatomy import Build
from training.people.cloth import COMPANIONS, RGB, Cloth, Fabric
from training.people.hair import MESHES
from training.people.likeness import sample_build, sample_hair, sample_hair_colour
from training.people.wardrobe import sample_colour, sample_garment

SCENES = ("studio-white", "studio-grey", "wall-sand", "wall-sage", "wall-blush", "wall-navy", "street", "room")


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
    masculine = float(
        rng.choice([rng.uniform(0, 0.15), rng.uniform(0.85, 1), rng.uniform(0.35, 0.65)], p=[0.5, 0.4, 0.1])
    )
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
    out.append(
        Companion(
            "shoes",
            str(rng.choice(["sneakers", "flats", "boots", "heels", "barefoot"], p=p / p.sum())),
            sample_colour(rng),
        )
    )
    return tuple(out)


def companion_cloth(c: Companion) -> Cloth:
    """The cloth of a top or bottom piece in its colour."""
    return replace(COMPANIONS[c.shape], fabric=Fabric("solid", c.colour))


def mesh_for(hair: str, seed: int) -> str:
    meshes = MESHES[hair]
    return meshes[seed % len(meshes)] if meshes else ""
