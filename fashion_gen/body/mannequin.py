"""The dressed mannequin: the canvas that generation starts from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.anatomy import under_skin
from fashion_gen.body.backdrop import draw_backdrop, floor_shadow
from fashion_gen.body.drawing.light import lit
from fashion_gen.body.drawing.relief import crease, swell
from fashion_gen.body.drawing.seams import soften
from fashion_gen.body.drawing.seen import Seen, look_at
from fashion_gen.body.dress.clothes import clothe
from fashion_gen.body.dress.shoes import are_worn, paint_shoes
from fashion_gen.body.hand.model import hand_meshes, paint_hands
from fashion_gen.body.head.facewear import glasses, lashes
from fashion_gen.body.head.features import face_of, paint_features
from fashion_gen.body.head.hair import hair_colour, hair_meshes
from fashion_gen.body.head.model import head_meshes, model_head
from fashion_gen.body.head.sheen import light_hair
from fashion_gen.body.head.skin import SkinLight, above_collar, light_head, skin_light, under_chin
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Surface, merge
from fashion_gen.body.parts import Part
from fashion_gen.body.props import seat_meshes
from fashion_gen.body.solids import Colour, build_solids
from fashion_gen.monk import tone_rgb
from fashion_gen.records import Matte, Persona, Picture, Scene, Styling, View


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """What generation is conditioned on."""

    rgb: Picture  #: (H, W, 3) the dressed, shaded figure over the backdrop
    depth: Matte  #: (H, W) 1 nearest, 0 background
    parts: NDArray[np.uint8]  #: (H, W) of Part
    backdrop: Picture  #: (H, W, 3) the set behind the figure, with its shadow

    def without(self, hidden: Matte) -> Mannequin:
        """The same mannequin where `hidden` (H, W), in [0, 1], shows the backdrop instead of it."""
        share = hidden[..., None].astype(np.float32)
        return Mannequin(
            rgb=np.rint(self.rgb + (self.backdrop - self.rgb.astype(np.float32)) * share).astype(np.uint8),
            depth=np.where(hidden > 0.5, np.float32(0), self.depth),
            parts=np.where(hidden > 0.5, np.uint8(0), self.parts),
            backdrop=self.backdrop,
        )


#: Longest side that is rasterised for a canvas. `fine` drawings have up to FINE_SIDE.
RASTER_SIDE, FINE_SIDE = 960, 1920


def draw_mannequin(
    body: PosedBody,
    view: View,
    *,
    persona: Persona,
    scene: Scene,
    styling: Styling,
    backdrop: Picture | None = None,
    fine: bool = False,
    seed: int = 0,
) -> Mannequin:
    """Draw at `view`'s size, antialiased by two up to RASTER_SIDE (FINE_SIDE if `fine`) and enlarged from there.

    Cloth falls in other folds with another `seed`. `backdrop` (H, W, 3) is taken instead of the scene's own: a close-up has
    that of the look it belongs to.
    """
    surface = _surface(body, persona, styling)
    k = min(2.0, (FINE_SIDE if fine else RASTER_SIDE) / max(view.width, view.height))
    big = View(round(view.width * k), round(view.height * k), view.scale * k, view.x0 * k, view.y0 * k)
    seen = look_at(surface, big)
    _paint(seen, persona, 1 / view.scale)
    crease(seen, seed)
    soften(seen)
    swell(seen, under_skin(body, big), Part.TORSO, Part.NECK)
    colour = lit(seen, surface, big)
    _light_head(colour, seen, persona)
    figure, cover = _resized(colour, view), _resized(seen.hit.astype(np.float32), view)
    behind: NDArray[np.float32]
    if backdrop is None:
        behind = _resized(_set(body, view, scene, seen.hit), view)
    else:
        behind = np.asarray(backdrop, np.float32) / np.float32(255)
    # Premultiplied resampling keeps the edge free of black fringes.
    rgb = figure + behind * (1 - cover[..., None])
    if k < 2:
        rgb = _antialiased(rgb, seen, view)
    return Mannequin(
        rgb=_bytes(rgb), depth=_depth(seen.z, seen.hit, view), parts=_part_map(seen, view), backdrop=_bytes(behind)
    )


def _antialiased(rgb: NDArray[np.float32], seen: Seen, view: View) -> NDArray[np.float32]:
    """`rgb` with its outlines as soft as a lens leaves them, for drawings that are not averaged down."""
    outline = cv2.morphologyEx(seen.part, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    jump = cv2.morphologyEx(seen.z, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 1.0
    share = cv2.GaussianBlur((outline | jump).astype(np.float32), (0, 0), 0.8)
    share = np.clip(2 * _resized(share, view), 0, 1)[..., None]
    return np.asarray(rgb + (cv2.GaussianBlur(rgb, (0, 0), 0.9) - rgb) * share)


def _bytes(colours: NDArray[np.float32]) -> Picture:
    return np.asarray(np.clip(colours * 255 + 0.5, 0, 255), np.uint8)


def _set(body: PosedBody, view: View, scene: Scene, hit: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The backdrop with the figure's shadow on the floor; soft, so half the raster's size is plenty."""
    height = min(view.height, RASTER_SIDE // 2)
    small = view.resized(round(view.width * height / view.height))
    ground = small.y0 - body.ground * small.scale
    horizon = None if ground > small.height * 1.25 else ground / small.height - 0.09
    backdrop = draw_backdrop(scene, small.width, small.height, horizon)
    silhouette = _resized(hit.astype(np.float32), small) > 0.5
    shadow = floor_shadow(silhouette, ground, round(body.figure.stature * small.scale))
    return np.asarray(backdrop * (1 - 0.55 * shadow[..., None]), np.float32)


def _skin(persona: Persona) -> Colour:
    red, green, blue = tone_rgb(persona.tone)
    return red / 255, green / 255, blue / 255


def _surface(body: PosedBody, persona: Persona, styling: Styling) -> Surface:
    skin = _skin(persona)
    solids = build_solids(body, skin)
    shod = are_worn(tuple(piece.shape for piece in styling.pieces))
    pieces = solids.meshes(barefoot=not shod)
    head = model_head(body.figure, persona)
    pieces += head_meshes(body, head, solids.neck, skin, ears=persona.hair != "hijab")
    pieces += hand_meshes(body, solids, persona, skin)
    pieces += lashes(body, head, body.figure.femininity)
    if "glasses" in persona.features:
        pieces += glasses(body, head)
    for piece in styling.pieces:
        pieces += clothe(body, solids, piece)
    pieces += hair_meshes(body, head, persona.hair, hair_colour(persona.hair, persona.hair_colour), seed=persona.seed)
    pieces += seat_meshes(body)
    return merge(pieces)


def _paint(seen: Seen, persona: Persona, pixel: float) -> None:
    """Features on head and hands of `seen`, in place; `pixel`: cm of a finished one."""
    head = seen.of(Part.FACE, Part.NECK)
    if head.any():
        features = face_of(persona, hair_colour(persona.hair, persona.hair_colour))
        seen.paint[head] = paint_features(seen.paint[head], seen.local[head], features, pixel=pixel)
    paint_hands(seen)
    paint_shoes(seen)


def _light_head(colour: NDArray[np.float32], seen: Seen, persona: Persona) -> None:
    """The light of a portrait on head and hair, instead of that on the figure; `colour` (H, W, 3) in place."""
    head, hair = seen.of(Part.FACE, Part.NECK), seen.of(Part.HAIR)
    tone = np.asarray(_skin(persona), np.float32)
    skin = SkinLight(tone)
    if head.any():
        local = seen.local[head]
        share, open_ = above_collar(local)[:, None], seen.open[head] * under_chin(local)
        skin = skin_light(seen.paint[head], seen.normal[head], open_, local, tone)
        upper = light_head(seen.paint[head], seen.normal[head], open_, local, skin)
        # Where the neck leaves the trunk it is as bright as that.
        lower = colour[head] * (1 - share * (1 - np.sqrt(open_)[:, None]))
        colour[head] = np.clip(share * upper + (1 - share) * lower, 0, 1)
    if hair.any():
        paint, normal, local = seen.paint[hair], seen.normal[hair], seen.local[hair]
        lit_hair = light_hair(paint, normal, seen.open[hair], local, persona.hair, skin)
        colour[hair] = np.clip(lit_hair, 0, 1)


def _depth(z: NDArray[np.float32], hit: NDArray[np.bool_], view: View) -> Matte:
    depth = np.zeros(z.shape, np.float32)
    if hit.any():
        near, far = float(z[hit].max()), float(z[hit].min())
        depth[hit] = 0.25 + 0.75 * (z[hit] - far) / max(near - far, 1.0)
    return _resized(depth, view)


def _resized(values: NDArray[np.float32], view: View) -> NDArray[np.float32]:
    """Area averages down, bilinear up (which cannot overshoot a coverage of one)."""
    method = cv2.INTER_AREA if view.width <= values.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (view.width, view.height), interpolation=method), np.float32)


def _part_map(seen: Seen, view: View) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(seen.part, (view.width, view.height), interpolation=cv2.INTER_NEAREST), np.uint8)
