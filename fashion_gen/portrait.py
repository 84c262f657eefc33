"""The face pass: the head of a look is painted once more, larger, and laid back into it.

In a full figure a face has sixty pixels, too few for any generator. So the head gets a window of its own, at the same pose,
in the same light: its canvas is the painted look, enlarged, with the garment's own pixels over it, and its conditions are the
mannequin drawn again at the window's scale; the recipe says how far the canvas is noised. A recipe whose figure is drawn
needs none: its head is drawn at the master's own size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fashion_gen import body, compose, pose
from fashion_gen.errors import InvalidBrief
from fashion_gen.generate.base import Shot
from fashion_gen.generate.prompts import assemble
from fashion_gen.generate.recipe import CloseUpRecipe, Recipe
from fashion_gen.planning import Plan
from fashion_gen.records import Picture, View

#: Less of the window than this inside the look, and there is no head to speak of.
LEAST_SEEN = 0.6
_NOSE = 0  # in KEYPOINTS


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The close-up of one look before it is painted."""

    plan: Plan
    view: View
    placed: compose.PlacedGarment | None  #: at `view`; None where the garment does not reach into the window
    shot: Shot

    def finish(self, painted: Picture) -> compose.CloseUp:
        """Return what is laid back of the painted (S, S, 3)."""
        look = self.plan.staging.view
        x, y, side = compose.window(look, self.view)
        weight = compose.window_weight(self.view.width, self.placed)
        return compose.CloseUp(painted, weight, x / look.width, y / look.height, side / look.width)


def portrait(plan: Plan, picture: Picture, seed: int, recipe: Recipe) -> Portrait | None:
    """Return the close-up to paint of a look that was painted as `picture`, or None where no face shows."""
    asked = recipe.closeup
    if asked is None or not _face_shows(plan):
        return None
    look = plan.staging.view
    view = body.head_view(plan.posed, look, asked.side)
    placed = _placed(plan, view)
    if placed is not None and _covered(plan, placed, view):
        return None
    start = _cut(picture, look, view, cv2.INTER_CUBIC)
    shot = _shot(plan, start, seed, recipe, asked, view, _mannequin(plan, view), placed)
    return Portrait(plan, view, placed, shot)


def _mannequin(plan: Plan, view: View) -> body.Mannequin:
    """The look's own mannequin, drawn again at `view` before the same backdrop."""
    look = plan.staging.view
    hidden = _cut(plan.beside.astype(np.uint8) * 255, look, view, cv2.INTER_LINEAR) / 255
    return plan.drawn_in(
        view, hidden=hidden.astype(np.float32), backdrop=_cut(plan.mannequin.backdrop, look, view, cv2.INTER_LINEAR)
    )


def _shot(
    plan: Plan,
    start: Picture,
    seed: int,
    recipe: Recipe,
    asked: CloseUpRecipe,
    view: View,
    mannequin: body.Mannequin,
    placed: compose.PlacedGarment | None,
) -> Shot:
    staging, size = plan.staging, (view.width, view.height)
    keypoints = body.keypoints(plan.posed, view)
    return Shot(
        canvas=start if placed is None else compose.paste(start, placed, person=mannequin.parts != 0),
        mannequin=mannequin.rgb,
        skeleton=pose.draw_skeleton(keypoints, *size),
        depth=mannequin.depth,
        mask=np.ones(size, bool) if placed is None else compose.paint_mask(placed, cell=recipe.latent_cell),
        prompt=assemble(
            staging.persona,
            plan.scene,
            plan.worn.category,
            plan.styling,
            recipe.prompt,
            staging.pose.framing,
            closeup=True,
        ),
        seed=seed,
        strength=asked.strength,
    )


def _face_shows(plan: Plan) -> bool:
    look = plan.staging.view
    x, y, side = compose.window(look, body.head_view(plan.posed, look, look.width))
    seen_x = min(x + side, look.width) - max(x, 0.0)
    seen_y = min(y + side, look.height) - max(y, 0.0)
    inside = max(seen_x, 0.0) * max(seen_y, 0.0) / side**2
    return bool(plan.staging.keypoints[_NOSE, 2] > 0) and inside >= LEAST_SEEN


def _placed(plan: Plan, view: View) -> compose.PlacedGarment | None:
    look = plan.staging.view
    x, y, side = compose.window(look, view)
    affine = np.asarray(plan.staging.garment_to_canvas, np.float64).copy()
    affine[:, 2] -= (x, y)
    scale, size = view.width / side, (view.width, view.height)
    warp = None if plan.staging.warp is None else plan.staging.warp.seen_from(x, y, scale)
    try:
        return compose.place(plan.worn, affine * scale, view.width, size, warp=warp)
    except InvalidBrief:  # it lies outside of the window
        return None


def _covered(plan: Plan, placed: compose.PlacedGarment, view: View) -> bool:
    """Whether the garment lies over the nose."""
    x, y = view.project(plan.posed.joints["nose"][None])[0]
    row, column = (int(np.clip(round(float(value)), 0, view.width - 1)) for value in (y, x))
    return bool(placed.matte[row, column] > 0.5)


def _cut(picture: Picture, look: View, view: View, interpolation: int) -> Picture:
    """Return the part of a look (H, W[, 3]) that `view` shows, at its size; edges are continued."""
    x, y, side = compose.window(look, view)
    k = view.width / side
    affine = np.array([[k, 0, -x * k + (k - 1) / 2], [0, k, -y * k + (k - 1) / 2]])
    cut = cv2.warpAffine(
        picture, affine, (view.width, view.height), flags=interpolation, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)
