"""The dressed mannequin: the canvas that generation starts from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.backdrop import draw_backdrop, floor_shadow
from fashion_gen.body.clothes import clothe
from fashion_gen.body.face import paint_face
from fashion_gen.body.hair import hair_colour, hair_meshes
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, merge, mesh
from fashion_gen.body.parts import Part
from fashion_gen.body.props import seat_meshes
from fashion_gen.body.raster import fill
from fashion_gen.body.solids import Colour, build_solids
from fashion_gen.body.tone import tone_rgb
from fashion_gen.records import Matte, Persona, Picture, Scene, Styling, View

_LIGHT = np.array([-0.35, 0.55, 0.76])


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """What generation is conditioned on."""

    rgb: Picture  #: (H, W, 3) the dressed, shaded figure over the backdrop
    depth: Matte  #: (H, W) 1 nearest, 0 background
    parts: NDArray[np.uint8]  #: (H, W) of Part


def draw_mannequin(
    body: PosedBody, view: View, *, persona: Persona, scene: Scene, styling: Styling, ss: int = 2
) -> Mannequin:
    """Draw at `view`'s size, supersampled `ss` times."""
    hair = hair_colour(persona.hair, persona.hair_colour)
    surface = _surface(body, persona, styling, hair)
    big = view.resized(view.width * ss)
    big = View(view.width * ss, view.height * ss, big.scale, big.x0, big.y0)
    pixels = np.column_stack([big.project(surface.points), surface.points[:, 2]])
    index, weights, z = fill(pixels, surface.triangles, surface.keep, big.height, big.width)
    hit = index >= 0
    colour = np.zeros((*hit.shape, 3), np.float32)
    if hit.any():
        colour[hit] = _shade(body, surface, index[hit], weights[hit], brow=_brow(hair, persona), persona=persona)
    ground = big.y0 - body.ground * big.scale
    horizon = None if ground > big.height * 1.25 else ground / big.height - 0.09
    backdrop = draw_backdrop(scene, view.width, view.height, horizon)
    cover = cv2.resize(hit.astype(np.float32), (view.width, view.height), interpolation=cv2.INTER_AREA)
    shadow = floor_shadow(cover > 0.5, ground / ss, round(body.figure.stature * view.scale))
    backdrop = backdrop * (1 - 0.55 * shadow[..., None])
    # Premultiplied downsampling keeps the edge free of black fringes.
    figure = cv2.resize(colour, (view.width, view.height), interpolation=cv2.INTER_AREA)
    rgb = figure + backdrop * (1 - cover[..., None])
    return Mannequin(
        rgb=np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8),
        depth=_depth(z, hit, view),
        parts=_part_map(surface, index, ss),
    )


def _surface(body: PosedBody, persona: Persona, styling: Styling, hair: Colour) -> Mesh:
    red, green, blue = tone_rgb(persona.tone)
    skin = (red / 255, green / 255, blue / 255)
    solids = build_solids(body, skin)
    pieces = [mesh(loft) for loft in solids.all()]
    for piece in styling.pieces:
        pieces += clothe(body, solids, piece)
    pieces += hair_meshes(body, solids.head, persona.hair, hair)
    pieces += seat_meshes(body)
    return merge(pieces)


def _brow(hair: Colour, persona: Persona) -> Colour:
    """Brows keep their darkness when hair greys or is covered."""
    if persona.hair == "hijab":
        return (0.14, 0.10, 0.08)
    return (hair[0] * 0.7, hair[1] * 0.7, hair[2] * 0.7)


def _shade(
    body: PosedBody,
    surface: Mesh,
    index: NDArray[np.int32],
    weights: NDArray[np.float32],
    *,
    brow: Colour,
    persona: Persona,
) -> NDArray[np.float32]:
    """(N, 3) colours of the pixels hit: plain paint under one soft light."""
    corners = surface.triangles[index]
    w = np.column_stack([weights, 1 - weights.sum(axis=1)]).astype(np.float64)

    def blend(values: Array) -> Array:
        return np.asarray(np.einsum("nk,nkj->nj", w, values[corners]))

    normal = blend(surface.normals)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    # Both sides of a shell are seen (the inside of hair, a skirt's hem).
    normal *= np.where(normal[:, 2:3] < 0, -1.0, 1.0)
    paint = surface.colour[index].copy()
    face = surface.part[index] == Part.FACE
    if face.any():
        local = blend(surface.local)[face]
        paint[face] = paint_face(
            paint[face], local, local[:, 2] > 0, body.figure, brow, glasses="glasses" in persona.features
        )
    lambert = np.clip(normal @ _LIGHT, -0.4, 1)
    light = 0.74 + 0.30 * lambert + 0.05 * normal[:, 1] - 0.10 * (1 - normal[:, 2]) ** 2
    return np.asarray(np.clip(paint * light[:, None], 0, 1), np.float32)


def _depth(z: NDArray[np.float32], hit: NDArray[np.bool_], view: View) -> Matte:
    depth = np.zeros(z.shape, np.float32)
    if hit.any():
        near, far = float(z[hit].max()), float(z[hit].min())
        depth[hit] = 0.25 + 0.75 * (z[hit] - far) / max(near - far, 1.0)
    return np.asarray(cv2.resize(depth, (view.width, view.height), interpolation=cv2.INTER_AREA), np.float32)


def _part_map(surface: Mesh, index: NDArray[np.int32], ss: int) -> NDArray[np.uint8]:
    centre = index[ss // 2 :: ss, ss // 2 :: ss]
    return np.where(centre >= 0, surface.part[np.maximum(centre, 0)], 0).astype(np.uint8)
