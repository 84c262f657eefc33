"""Colour of every pixel before and after light: albedo by layer, and the exposure that makes tones and colours exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.noise import perlin
from fashion_gen.monk import tone_rgb
from training.people import hair, light, tailoring
from training.people.complexion import paint_skin
from training.people.dress import Worn
from training.people.fabric import albedo as cloth_albedo
from training.people.fabric import linear
from training.people.kit import Kit
from training.people.layers import CLOTH, Layer
from training.people.measuring import Frame
from training.people.raster import Surface
from training.people.spec import Spec, mesh_for

Floats = NDArray[np.float32]


@njit(cache=True, fastmath=True)
def strand(coords, seed, curl):  # type: ignore[no-untyped-def]
    out = np.empty(coords.shape[0], np.float32)
    for i in range(out.shape[0]):
        x, y, z = coords[i, 0], coords[i, 1], coords[i, 2]
        if curl > 0:
            out[i] = 1 + 0.45 * perlin(x * 1.3, y * 1.3, z * 1.3, seed) + 0.25 * perlin(x * 3, y * 3, z * 3, seed + 1)
        else:
            t = np.arctan2(x, z + 2.0) * 14
            out[i] = (
                1 + 0.28 * perlin(t * 1.6, y * 0.18, z * 0.1, seed) + 0.18 * perlin(t * 4.0, y * 0.3, z * 0.2, seed + 1)
            )
    return out


def paint(kit: Kit, surface: Surface, spec: Spec, f: Frame, worn: Sequence[Worn]) -> tuple[Floats, Floats]:
    """(H, W, 3) linear albedo and the materials of the layers."""
    out = np.zeros((*surface.layer.shape, 3), np.float32)
    materials = light.MATERIALS.copy()
    pixels, layer, edge = out.reshape(-1, 3), surface.layer.ravel(), surface.edge.ravel()
    coords, uv = surface.coords.reshape(-1, 3), surface.uv.reshape(-1, 2)
    plain = _plain_colours(spec)
    pieces = {w.layer: w for w in worn}
    for k in np.unique(layer):
        i = np.flatnonzero(layer == k)
        if k in plain:
            pixels[i] = plain[k]
        elif k == Layer.SKIN:
            pixels[i] = paint_skin(kit, spec, coords[i], uv[i])
        elif k == Layer.EYES:
            pixels[i] = _eyes(kit, spec, uv[i])
        elif k == Layer.HAIR:
            pixels[i] = _hair(kit, spec, coords[i], uv[i], linear(hair.COLOURS[spec.hair_colour]))
        elif k in CLOTH:
            pixels[i] = _cloth(pieces[Layer(k)], coords[i], edge[i], f)
            materials[k, 1] += 0.12 * pieces[Layer(k)].cloth.fabric.shine
    return out, materials


def _plain_colours(spec: Spec) -> dict[int, Floats]:
    """Layers of one colour."""
    shoe = next((c for c in spec.companions if c.slot == "shoes"), None)
    leather = linear(shoe.colour if shoe else (90, 70, 60))
    sole = linear((236, 234, 230)) if shoe and shoe.shape == "sneakers" else leather * np.float32(0.45)
    # Brows are darker than light hair and as dark as dark hair.
    share = 0.55 if spec.hair_colour in ("blond", "grey", "white", "red", "light-brown") else 0.9
    return {
        Layer.BROWS: linear(hair.COLOURS[spec.hair_colour]) * np.float32(share),
        Layer.LASHES: np.full(3, 0.012, np.float32),
        Layer.SHOES: leather,
        Layer.SOLES: sole,
        Layer.VEIL: _veil_colour(spec),
        Layer.GLASSES: np.array((0.02, 0.018, 0.016) if spec.seed % 3 else (0.16, 0.09, 0.04), np.float32),
    }


def _veil_colour(spec: Spec) -> Floats:
    colours = (
        (38, 42, 62),
        (186, 160, 140),
        (110, 62, 74),
        (70, 92, 88),
        (214, 204, 192),
        (28, 28, 30),
        (150, 120, 140),
    )
    return linear(colours[spec.seed % len(colours)])


def _eyes(kit: Kit, spec: Spec, uv: Floats) -> Floats:
    dark = spec.tone >= 6 or spec.hair_colour in ("black",)
    names = ["brownlight"] * 3 if dark else ["brownlight", "green", "blue", "grey", "bluegreen", "lightblue"]
    texture = kit.data.textures[f"eye/{names[spec.seed % len(names)]}"]
    side = texture.shape[0]
    ij = np.clip(((uv % 1.0) * side).astype(int), 0, side - 1)
    c = (texture[ij[:, 1], ij[:, 0], :3].astype(np.float32) / 255) ** 2.2
    if dark:
        # The light brown iris darkened to the most common colour of all.
        iris = (c.max(1) - c.min(1)) > 0.12
        c[iris] *= 0.38
    return np.asarray(np.clip(c * (0.85 if spec.tone < 7 else 0.62), 0, 0.8), np.float32)


def _hair(kit: Kit, spec: Spec, coords: Floats, uv: Floats, colour: Floats) -> Floats:
    name = mesh_for(spec.hair, spec.seed)
    if name:
        texture = kit.strands[f"hair/{name}"]
        ij = np.clip(((uv % 1.0) * 512).astype(int), 0, 511)
        grown = uv.any(1)
        bright = np.where(grown, texture[ij[:, 1], ij[:, 0]] / 128.0, 0.8)
        bright = 0.25 + 0.75 * bright
    else:
        bright = strand(
            np.ascontiguousarray(coords), spec.seed % 1000, 1 if spec.hair in ("afro", "curly-short") else 0
        )
    return np.asarray(colour * np.clip(bright, 0.25, 2.2)[:, None], np.float32)


def _cloth(piece: Worn, coords: Floats, cut: Floats, f: Frame) -> Floats:
    c = piece.cloth
    out = cloth_albedo(c.fabric, coords, f.chest + 6)
    seam = 1 - 0.20 * np.exp(-(((cut - 1.6) / 0.22) ** 2)) - 0.25 * np.exp(-((cut / 0.25) ** 2))
    if c.fabric.pattern == "knit" or (c.neck in ("crew", "turtle") and c.category == "top"):
        seam = seam - 0.06 * ((cut < 1.6) & (cut > 0))
    x, front = np.abs(coords[:, 0]), (coords[:, 2] > f.centre_z) & (coords[:, 1] > tailoring.SLEEVE / 2)
    if c.category == "jumpsuit":
        front &= coords[:, 1] > f.crotch + 8
    if c.opening == "zip":
        seam = np.where(front & (x < 0.45), 0.55, seam)
    elif c.opening == "buttons":
        seam = seam - 0.22 * np.exp(-(((coords[:, 0] - 1.4) / 0.2) ** 2)) * front
        dot = front & (coords[:, 0] ** 2 + ((coords[:, 1] % 9.0) - 4.5) ** 2 < 0.45)
        seam = np.where(dot, 0.45, seam)
    if c.category in ("trousers", "shorts"):
        waist = f.waist + c.rise
        belt = np.abs(coords[:, 1] - (waist - 3.6))
        seam = seam - 0.22 * np.exp(-((belt / 0.25) ** 2))
        fly = front & (x < 0.3) & (coords[:, 1] < waist - 3.6) & (coords[:, 1] > f.crotch + 4)
        seam = np.where(fly, seam - 0.2, seam)
    return np.asarray(out * np.clip(seam, 0.3, 1.2)[:, None], np.float32)


def expose(diffuse: Floats, surface: Surface, colour: Floats, spec: Spec, kit: Kit) -> None:
    """Scale each layer so that the picture shows the asked colours: skin by the middle of the face, cloth by its mean. In place."""
    layer, flat = surface.layer.ravel(), diffuse.reshape(-1, 3)
    skin = np.flatnonzero(layer == Layer.SKIN)
    if len(skin):
        goal = linear(tone_rgb(spec.tone))
        c = surface.coords.reshape(-1, 3)[skin]
        # Cheeks and nose, where a measurement by face detector looks.
        face = (
            (c[:, 2] > 10)
            & (np.abs(c[:, 0]) < 4.8)
            & (c[:, 1] > 67.5)
            & (c[:, 1] < 72.8)
            & ~((np.abs(c[:, 0]) < 3.0) & (c[:, 1] < 68.5))
        )
        values = flat[skin]
        sample = values[face] if face.sum() > 150 else values
        flat[skin] = _expose_skin(values, np.median(sample, axis=0), goal)
    for k in (*CLOTH, Layer.SHOES, Layer.VEIL, Layer.HAIR):
        on = np.flatnonzero(layer == k)
        if len(on) > 50:
            seen = on[~surface.back.ravel()[on]]
            gain = float(colour.reshape(-1, 3)[seen].mean() / max(float(flat[seen].mean()), 1e-4)) if len(seen) else 1.0
            if k == Layer.HAIR:
                gain = 0.5 + 0.5 * gain
            flat[on] *= np.clip(gain, 0.75, 1.7)


def _expose_skin(values: Floats, middle: Floats, goal: Floats) -> Floats:
    """Put the middle of the face on the goal; highlights roll off instead of burning out, shadows grow warmer."""
    # Light tones need room for light above them; this stays within 1 Lab units of the swatch.
    goal = goal * (1 - 0.02 * float(np.clip((goal.max() - 0.45) / 0.45, 0, 1)))
    out = values * (goal / np.maximum(middle, 1e-4))
    r = np.maximum(out.max(1) / goal.max(), 1e-4)
    room = float(np.clip(0.985 / goal.max() - 1, 0.06, 0.9))
    bright = 1 + room * (1 - np.exp(-np.maximum(r - 1, 0) / room))
    out *= np.where(r > 1, bright / r, 1)[:, None]
    dark = np.minimum(r, 1)[:, None]
    return np.asarray(out * dark ** np.float32([0.06, 0.24, 0.26]), np.float32)
