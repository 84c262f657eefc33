"""Which looks are judged: tones, sizes, poses, ages, presentations, scenes and garments, all in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fashion_gen import library
from fashion_gen.casting.quota import fits
from fashion_gen.monk import TONES
from fashion_gen.records import AgeBand, Brief, Category, Framing, Pose, Presentation, SizeType

_WORN_BY = {
    Category.DRESS: (Presentation.FEMININE, Presentation.ANDROGYNOUS),
    Category.SKIRT: (Presentation.FEMININE, Presentation.ANDROGYNOUS),
}


@dataclass(frozen=True)
class Asked:
    """One look of the plan. Its pose is chosen when the garment's category is known."""

    index: int
    garment: int  #: number of the garment
    tone: int
    size: SizeType
    age: AgeBand
    scene: str

    def brief(self, category: Category) -> Brief:
        """What the studio is asked for."""
        presentations = _WORN_BY.get(category, tuple(Presentation))
        presentations = tuple(p for p in presentations if fits({"size": self.size, "presentation": p}))
        return Brief(
            looks=1,
            tone=self.tone,
            size=self.size,
            age=self.age,
            presentation=presentations[(self.index // 3 + self.index) % len(presentations)],
            pose=_pose(self.index, category).name,
            scene=self.scene,
            seed=self.index,
            max_attempts=1,
        )


def plan(looks: int, garments: int) -> list[Asked]:
    """The first `looks` of an endless row: every 60 hold each tone with each size once, garments come in shuffled rounds."""
    # A size may bind who can have it (`casting.quota.RULES`).
    sizes, ages, scenes = list(SizeType), list(AgeBand), sorted(library.scenes())
    rng = np.random.default_rng(20)
    rounds = -(-looks // garments)
    order = np.concatenate([rng.permutation(garments) for _ in range(rounds)])
    rows = []
    for i in range(looks):
        size = sizes[(i + i // 10) % len(sizes)]
        grown = [age for age in ages if fits({"size": size, "age": age})]
        rows.append(
            Asked(
                index=i,
                garment=int(order[i]),
                tone=list(TONES)[i % 10],
                size=size,
                age=grown[(i + i // 20) % len(grown)],
                scene=scenes[(i * 3) % len(scenes)],
            )
        )
    return rows


def _pose(index: int, category: Category) -> Pose:
    """Every pose that shows the garment, in turn."""
    hidden = Framing.LOWER if category.covers_top else Framing.UPPER
    fitting = [pose for pose in library.poses().values() if pose.framing is not hidden]
    return fitting[(index * 7) % len(fitting)]
