"""Looks before they exist: who, in which pose, in which clothes, on which canvas. No generation."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fashion_gen import body, casting, compose, library, pose
from fashion_gen.body.measurements import measure_for
from fashion_gen.generate.base import Shot
from fashion_gen.generate.prompts import assemble
from fashion_gen.generate.recipe import Recipe
from fashion_gen.records import Brief, Garment, Mask, Matte, Persona, Picture, Scene, Staging, Styling, View

#: Pixels across the close-up of a head that a hood is laid behind: about those of a large master.
HEAD_SIDE = 960


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One look before it exists."""

    worn: Garment  #: as this person wears it: less of it than the photo shows where a hood lies behind the head
    staging: Staging
    styling: Styling
    scene: Scene
    posed: body.PosedBody
    mannequin: body.Mannequin
    beside: Mask  #: (H, W) of the canvas, True where the cloth ends a figure that is broader
    placed: compose.PlacedGarment  #: at the generator's canvas size
    shot: Shot
    max_attempts: int = 1  #: seeds to try, while another could cure what the inspection finds

    def drawn_at(self, width: int, height: int) -> body.Mannequin:
        """The mannequin drawn again, finer, for a picture of this size and the canvas's aspect."""
        view = replace(self.staging.view.resized(width), height=height)
        return self.drawn_in(view, hidden=_smoothly(self.beside, width, height), fine=True)

    def drawn_in(
        self, view: View, *, hidden: Matte, backdrop: Picture | None = None, fine: bool = False
    ) -> body.Mannequin:
        """The mannequin drawn again as another view shows it, without what is `hidden` (H, W) in it."""
        drawn = body.draw_mannequin(
            self.posed,
            view,
            persona=self.staging.persona,
            scene=self.scene,
            styling=self.styling,
            backdrop=backdrop,
            fine=fine,
            seed=self.shot.seed,
        )
        return drawn.without(hidden)


def plan(worn: Garment, brief: Brief, recipe: Recipe, *, only: Mapping[int, int] | None = None) -> list[Plan]:
    """Cast, style, pose and draw the canvas of every look, in the order of the casting.

    `only` picks looks of the casting by their index, from 0, each with how many seeds were spent on it before: the same
    look comes out whether it is rendered with the others or by itself.
    """
    scene = library.lookup("scene", brief.scene, library.scenes())
    asked_pose = None if brief.pose == "auto" else library.find_pose(brief.pose)
    colour = _mean_colour(worn)
    plans = []
    cast = casting.cast(brief, measure=measure_for, category=worn.category)
    for index, (persona, seed) in enumerate(_seeded(cast, brief.seed)):
        if only is not None and index not in only:
            continue
        staging = pose.choose(
            worn,
            persona,
            pose=asked_pose,
            framing=brief.framing,
            width=recipe.width,
            height=recipe.height,
            grade=brief.grade,
        )
        rng = np.random.default_rng(seed)
        styling = casting.style(worn.category, persona, brief.styling, colour, rng)
        drawn = _draw(worn, staging, styling, scene, recipe, seed + (only[index] if only else 0))
        plans.append(replace(drawn, max_attempts=brief.max_attempts))
    return plans


def _draw(worn: Garment, staging: Staging, styling: Styling, scene: Scene, recipe: Recipe, seed: int) -> Plan:
    persona, view = staging.persona, staging.view
    size = (view.width, view.height)
    posed = body.pose_body(body.build_figure(persona.measurements, persona.presentation), staging.pose)
    drawn = body.draw_mannequin(posed, view, persona=persona, scene=scene, styling=styling, seed=seed)
    if pose.hood_hides_face(staging, worn, drawn.parts):
        close = body.head_view(posed, view, HEAD_SIDE)
        head = body.draw_mannequin(posed, close, persona=persona, scene=scene, styling=styling, seed=seed)
        worn = pose.lay_hood(staging, worn, close, head.parts)
        staging = replace(staging, notes=(*staging.notes, pose.HOOD_LAID))
    # The cloth ends the figure where it is worn, also where the body is broader than the garment as it lies.
    beside = pose.beside(staging, worn, drawn.parts)
    mannequin = drawn.without(beside.astype(np.float32))
    placed = compose.place(worn, staging.garment_to_canvas, view.width, size, warp=staging.warp)
    shot = Shot(
        canvas=compose.paste(mannequin.rgb, placed, person=mannequin.parts != 0),
        mannequin=mannequin.rgb,
        skeleton=pose.draw_skeleton(staging.keypoints, *size),
        depth=mannequin.depth,
        mask=compose.paint_mask(placed, cell=recipe.latent_cell),
        prompt=assemble(persona, scene, worn.category, styling, recipe.prompt, staging.pose.framing),
        seed=seed,
    )
    return Plan(worn, staging, styling, scene, posed, mannequin, beside, placed, shot)


def _smoothly(mask: Mask, width: int, height: int) -> Matte:
    """An (h, w) mask at (height, width), its stairs rounded to a soft outline."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2)
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((large - 0.5) * width / mask.shape[1] + 0.5, 0, 1), np.float32)


def _seeded(personas: Sequence[Persona], seed: int) -> Iterator[tuple[Persona, int]]:
    """A seed that hangs on the persona, not on its place: four looks at once are the same four one by one."""
    seen: Counter[str] = Counter()
    for persona in personas:
        seen[persona.name] += 1
        yield persona, zlib.crc32(f"{seed}:{persona.name}:{seen[persona.name]}".encode())


def _mean_colour(worn: Garment) -> tuple[float, float, float]:
    red, green, blue = worn.colour[worn.matte > 0.9].mean(axis=0) if (worn.matte > 0.9).any() else (128, 128, 128)
    return float(red), float(green), float(blue)
