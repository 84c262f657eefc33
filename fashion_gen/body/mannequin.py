"""The dressed mannequin: the canvas that generation starts from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.backdrop import draw_backdrop, floor_shadow
from fashion_gen.body.clothes import clothe
from fashion_gen.body.facewear import glasses, lashes
from fashion_gen.body.features import face_of, paint_features
from fashion_gen.body.hair import hair_colour, hair_meshes
from fashion_gen.body.head import head_meshes, model_head
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, merge, mesh
from fashion_gen.body.parts import SKIN, Part
from fashion_gen.body.props import seat_meshes
from fashion_gen.body.raster import fill
from fashion_gen.body.sheen import light_hair
from fashion_gen.body.skin import above_collar, light_head, under_chin
from fashion_gen.body.solids import Colour, build_solids
from fashion_gen.monk import tone_rgb
from fashion_gen.records import Mask, Matte, Persona, Picture, Scene, Styling, View

_LIGHT = np.array([-0.35, 0.55, 0.76], np.float32)
_GLOSS = np.array(
    [-0.28, 0.34, 0.90], np.float32
)  # halfway between the light and the viewer: where dark skin shows its form
_EXPOSURE, _SHOULDER = np.float32(1.16), np.float32(0.9)
_SKIN = np.isin(np.arange(256), [int(part) for part in SKIN])


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """What generation is conditioned on."""

    rgb: Picture  #: (H, W, 3) the dressed, shaded figure over the backdrop
    depth: Matte  #: (H, W) 1 nearest, 0 background
    parts: NDArray[np.uint8]  #: (H, W) of Part
    backdrop: Picture  #: (H, W, 3) the set behind the figure, with its shadow

    def resized(self, width: int, height: int) -> Mannequin:
        """The same mannequin, smaller."""
        size = (width, height)
        return Mannequin(
            rgb=np.asarray(cv2.resize(self.rgb, size, interpolation=cv2.INTER_AREA), np.uint8),
            depth=np.asarray(cv2.resize(self.depth, size, interpolation=cv2.INTER_AREA), np.float32),
            parts=np.asarray(cv2.resize(self.parts, size, interpolation=cv2.INTER_NEAREST), np.uint8),
            backdrop=np.asarray(cv2.resize(self.backdrop, size, interpolation=cv2.INTER_AREA), np.uint8),
        )

    def without(self, hidden: Mask) -> Mannequin:
        """The same mannequin where `hidden` (H, W) shows the backdrop instead of it."""
        return Mannequin(
            rgb=np.where(hidden[..., None], self.backdrop, self.rgb),
            depth=np.where(hidden, np.float32(0), self.depth),
            parts=np.where(hidden, np.uint8(0), self.parts),
            backdrop=self.backdrop,
        )


#: Longest side that is rasterised. The figure is plain and soft: more pixels would cost time and show nothing.
RASTER_SIDE = 960


def draw_mannequin(
    body: PosedBody,
    view: View,
    *,
    persona: Persona,
    scene: Scene,
    styling: Styling,
    backdrop: Picture | None = None,
) -> Mannequin:
    """Draw at `view`'s size, antialiased by two up to RASTER_SIDE and enlarged from there.

    `backdrop` (H, W, 3) is taken instead of the scene's own: a close-up has that of the look it belongs to.
    """
    hair = hair_colour(persona.hair, persona.hair_colour)
    surface = _surface(body, persona, styling, hair)
    k = min(2.0, RASTER_SIDE / max(view.width, view.height))
    big = View(round(view.width * k), round(view.height * k), view.scale * k, view.x0 * k, view.y0 * k)
    pixels = np.column_stack([big.project(surface.points), surface.points[:, 2]])
    index, weights, z = fill(pixels, surface.triangles, surface.keep, big.height, big.width)
    hit = index >= 0
    colour = np.zeros((*hit.shape, 3), np.float32)
    if hit.any():
        colour[hit] = _shade(body, surface, index[hit], weights[hit], persona, 1 / view.scale)
    figure, cover = _resized(colour, view), _resized(hit.astype(np.float32), view)
    behind: NDArray[np.float32]
    if backdrop is None:
        behind = _resized(_set(body, view, scene, hit), view)
    else:
        behind = np.asarray(backdrop, np.float32) / np.float32(255)
    # Premultiplied resampling keeps the edge free of black fringes.
    rgb = figure + behind * (1 - cover[..., None])
    return Mannequin(
        rgb=_bytes(rgb),
        depth=_depth(z, hit, view),
        parts=_part_map(surface, index, view),
        backdrop=_bytes(behind),
    )


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


def _surface(body: PosedBody, persona: Persona, styling: Styling, hair: Colour) -> Mesh:
    skin = _skin(persona)
    solids = build_solids(body, skin)
    pieces = [mesh(loft) for loft in solids.all()]
    head = model_head(body.figure, persona)
    pieces += head_meshes(body, head, solids.neck, skin, ears=persona.hair != "hijab")
    pieces += lashes(body, head, body.figure.femininity)
    if "glasses" in persona.features:
        pieces += glasses(body, head)
    for piece in styling.pieces:
        pieces += clothe(body, solids, piece)
    pieces += hair_meshes(body, head, persona.hair, hair)
    pieces += seat_meshes(body)
    return merge(pieces)


def _shade(
    body: PosedBody,
    surface: Mesh,
    index: NDArray[np.int32],
    weights: NDArray[np.float32],
    persona: Persona,
    pixel: float,
) -> NDArray[np.float32]:
    """(N, 3) colours of the pixels hit: plain paint under one soft light."""
    corners = surface.triangles[index]
    w = np.column_stack([weights, 1 - weights.sum(axis=1)])

    def blend(values: Array, where: NDArray[np.bool_] | slice = slice(None)) -> NDArray[np.float32]:
        c, share, single = corners[where], w[where], values.astype(np.float32)
        return np.asarray(sum(share[:, k : k + 1] * single[c[:, k]] for k in range(3)))

    part = surface.part[index]
    head, hair = (part == Part.FACE) | (part == Part.NECK), part == Part.HAIR
    normal = blend(surface.normals)
    # Locks are strips seen at every angle: they are lit as the round things that they stand for.
    normal[hair, 2] = np.abs(normal[hair, 2])
    # Both sides of a shell are seen (the inside of hair, a skirt's hem): its length and its sign are taken out at once.
    length = np.sqrt(np.einsum("nk,nk->n", normal, normal))
    normal /= np.where(normal[:, 2] < 0, -1, 1)[:, None] * np.maximum(length, 1e-6)[:, None]
    paint = surface.colour.astype(np.float32)[index]
    local = blend(surface.local, head)
    if head.any():
        features = face_of(persona, hair_colour(persona.hair, persona.hair_colour))
        paint[head] = paint_features(paint[head], local, features, pixel=pixel)
    lambert = np.clip(normal @ _LIGHT, -0.4, 1)
    light = 0.74 + 0.30 * lambert + 0.05 * normal[:, 1] - 0.10 * (1 - normal[:, 2]) ** 2
    lit = paint * light[:, None]
    bare = _SKIN[part]
    lit[bare] += (np.clip(normal[bare] @ _GLOSS, 0, 1) ** 14 * (1 - paint[bare].mean(axis=1)) * 0.09)[:, None]
    lit[bare] = _exposed(lit[bare])
    if head.any():
        share, open_ = above_collar(local)[:, None], np.minimum(length[head], 1) * under_chin(local)
        upper = light_head(paint[head], normal[head], open_, local)
        lit[head] = share * upper + (1 - share) * lit[head] * np.sqrt(open_)[:, None]
    if hair.any():
        lit[hair] = light_hair(
            paint[hair], normal[hair], length[hair], blend(surface.local, hair), persona.hair, _skin(persona)
        )
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _exposed(skin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Skin as bright as its swatch in the middle of a face: shading alone takes a sixth; highlights roll off below white."""
    bright = skin * _EXPOSURE
    over = np.maximum(bright - _SHOULDER, 0)
    return np.asarray(
        np.minimum(bright, _SHOULDER) + (1 - _SHOULDER) * (1 - np.exp(-over / (1 - _SHOULDER))), np.float32
    )


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


def _part_map(surface: Mesh, index: NDArray[np.int32], view: View) -> NDArray[np.uint8]:
    parts = np.where(index >= 0, surface.part[np.maximum(index, 0)], 0).astype(np.uint8)
    return np.asarray(cv2.resize(parts, (view.width, view.height), interpolation=cv2.INTER_NEAREST), np.uint8)
