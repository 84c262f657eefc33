"""A spec, a pose and a view become a picture with exact labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.records import View
from training.people import dress, head, light, raster, scenery, shoes, tailoring
from training.people.complexion import MONK, paint_skin
from training.people.anatomy import Vertices, shape
from training.people.dress import Worn
from training.people.fabric import albedo as cloth_albedo
from training.people.fabric import linear
from training.people.gestures import Angles, rotations
from training.people.kit import Kit, face_vertices
from training.people.layers import CLOTH, LABEL_TABLE, Layer
from training.people.noise import perlin
from training.people.posing import Posed, Rotations, pose
from training.people.raster import Mesh, Surface
from training.people.spec import Spec, companion_cloth, mesh_for

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
SUPERSAMPLING = 2


@dataclass(frozen=True, eq=False)
class Rendering:
    """A picture and what is exactly known about it."""

    image: Bytes  #: (H, W, 3) RGB
    labels: Bytes  #: (H, W) values of layers.Label
    garment: Bytes  #: (H, W) matte of the seller's garment, 0..255
    person: Bytes  #: (H, W) matte of everything that is not background
    face_box: tuple[float, float, float, float] | None  #: x0, y0, x1, y1 in pixels when any of it is inside the picture
    joints: Mapping[str, NDArray[np.float64]]  #: cm, see posing.Posed


def body(kit: Kit, spec: Spec) -> Vertices:
    """The rest-pose vertices of a spec."""
    return shape(kit.data, spec.build)


def posed_body(kit: Kit, rest: Vertices, angles: Angles) -> Posed:
    """Pose by joint angles as in templates/poses."""
    return pose(kit.data, rest, rotations(kit.data, rest, angles))


def posed_by(kit: Kit, rest: Vertices, turned: Rotations) -> Posed:
    """Pose by bone rotations."""
    return pose(kit.data, rest, turned)


def outfit(spec: Spec) -> tuple[list[Worn], str]:
    """Pieces from the skin outwards, and the shoes' shape."""
    bottoms = [Worn(Layer.BOTTOM, companion_cloth(c)) for c in spec.companions if c.slot == "bottom"]
    tops = [Worn(Layer.TOP, companion_cloth(c)) for c in spec.companions if c.slot == "top"]
    garment = Worn(Layer.GARMENT, spec.garment)
    if spec.garment.category in ("trousers", "shorts", "skirt"):
        tuck = spec.seed % 3 > 0
        worn = [Worn(t.layer, t.cloth, tucked=tuck) for t in tops]
        worn = [garment, *worn] if not tuck else [*worn, garment]
    elif spec.garment.category == "outerwear":
        worn = [*bottoms, *tops, garment]
    else:
        worn = [*bottoms, garment]
    shoe = next((c.shape for c in spec.companions if c.slot == "shoes"), "barefoot")
    return worn, shoe


def meshes(kit: Kit, posed: Posed, spec: Spec) -> tuple[list[Mesh], dict[str, int], tailoring.Frame]:
    """Everything that is drawn, and which alpha texture has which number."""
    f = tailoring.frame(kit, posed.rest)
    worn, shoe = outfit(spec)
    alphas: dict[str, int] = {}
    veiled = "hijab" in spec.features or spec.hair == "hijab"
    cut = np.minimum(dress.skin_cut(kit, posed, f, worn), shoes.foot_cut(kit, posed, shoe))
    out = [_skin(kit, posed, np.minimum(cut, head.veiled_cut(kit, posed)) if veiled else cut)]
    brow = ("eyebrow009", "eyebrow001", "eyebrow006")[spec.seed % (2 if spec.build.masculine > 0.5 else 3)]
    out += head.face_parts(kit, posed, brow, alphas)
    style = head.Hair(spec.hair, mesh_for(spec.hair, spec.seed), (spec.seed % 97) / 96, spec.seed % 1000)
    out += head.hair(kit, posed, style, alphas)
    if veiled:
        out += head.veil(kit, posed, spec.seed)
    if "glasses" in spec.features:
        out += head.glasses(posed, spec.seed)
    out += dress.pieces(kit, posed, f, worn, spec.seed % 1000)
    out += shoes.shoes(kit, posed, shoe)
    return out, alphas, f


def _skin(kit: Kit, posed: Posed, cut: Floats) -> Mesh:
    part = kit.data.body
    source = part.source
    normals = raster.vertex_normals(posed.vertices, source[part.triangles].astype(np.int32))
    # Skin is looked up on the base mesh: lips and hairline are in the same place on everybody.
    return Mesh(
        Layer.SKIN, posed.vertices[source], part.triangles, kit.data.vertices[source], part.uv, cut[source].astype(np.float32), normals[source]
    )


def render(kit: Kit, posed: Posed, spec: Spec, view: View) -> Rendering:
    """The picture of a posed body in its clothes and scene, at the size of `view`."""
    big = View(view.width * SUPERSAMPLING, view.height * SUPERSAMPLING, view.scale * SUPERSAMPLING, view.x0 * SUPERSAMPLING, view.y0 * SUPERSAMPLING)
    parts, alphas, f = meshes(kit, posed, spec)
    stack = raster.stack(parts)
    surface = raster.draw(stack, big, _alpha_stack(kit, alphas))
    lamp = lamp_for(spec)
    light.crease(surface, big.scale, {int(k): 1 for k in (*CLOTH, Layer.VEIL)})
    colour, materials = paint(kit, surface, spec, f, alphas)
    lit, ao = light.shadow(stack, surface, big, lamp), light.occlusion(surface, big.scale)
    diffuse, shine = light.shade(surface, colour, lit, ao, lamp, materials)
    expose(diffuse, surface, colour, spec, kit)
    floor = float(posed.vertices[kit.data.groups["body"], 1].min()) - 1.0
    shadow = light.floor_shadow(stack, big, lamp, floor)
    return _develop(kit, posed, spec, view, surface, diffuse, shine, shadow, floor)


def lamp_for(spec: Spec) -> light.Light:
    rng = np.random.default_rng(spec.seed + 5)
    side = float(rng.choice([-1, 1])) * rng.uniform(0.3, 0.9)
    return light.Light(
        key=(side, float(rng.uniform(0.45, 0.8)), 0.9),
        strength=float(rng.uniform(0.7, 0.95)),
        fill=float(rng.uniform(0.10, 0.2)),
        rim=float(rng.uniform(0.08, 0.2)),
        sky=float(rng.uniform(0.24, 0.34)),
        softness=float(rng.uniform(1.0, 2.2)),
    )


def _alpha_stack(kit: Kit, alphas: Mapping[str, int]) -> Bytes:
    if not alphas:
        return np.full((1, 2, 2), 255, np.uint8)
    return np.stack([kit.alphas[name] for name in alphas])


@njit(cache=True, fastmath=True)
def _strand(coords, seed, curl):  # type: ignore[no-untyped-def]
    out = np.empty(coords.shape[0], np.float32)
    for i in range(out.shape[0]):
        x, y, z = coords[i, 0], coords[i, 1], coords[i, 2]
        if curl > 0:
            out[i] = 1 + 0.45 * perlin(x * 1.3, y * 1.3, z * 1.3, seed) + 0.25 * perlin(x * 3, y * 3, z * 3, seed + 1)
        else:
            t = np.arctan2(x, z + 2.0) * 14
            out[i] = 1 + 0.28 * perlin(t * 1.6, y * 0.18, z * 0.1, seed) + 0.18 * perlin(t * 4.0, y * 0.3, z * 0.2, seed + 1)
    return out


def paint(kit: Kit, surface: Surface, spec: Spec, f: tailoring.Frame, alphas: Mapping[str, int]) -> tuple[Floats, Floats]:
    """(H, W, 3) linear albedo and the materials of the layers."""
    out = np.zeros((*surface.layer.shape, 3), np.float32)
    materials = light.MATERIALS.copy()
    out_flat, layer = out.reshape(-1, 3), surface.layer.ravel()
    at = {k: np.flatnonzero(layer == k) for k in np.unique(layer)}
    coords, uv = surface.coords.reshape(-1, 3), surface.uv.reshape(-1, 2)
    hair_colour = linear(head.COLOURS[spec.hair_colour])
    worn, _ = outfit(spec)
    for k, i in at.items():
        if k == Layer.SKIN:
            out_flat[i] = paint_skin(kit, spec, coords[i], uv[i])
        elif k == Layer.EYES:
            out_flat[i] = _eyes(kit, spec, uv[i])
        elif k == Layer.BROWS:
            dark = 0.55 if spec.hair_colour in ("blond", "grey", "white", "red", "light-brown") else 0.9
            out_flat[i] = hair_colour * dark
        elif k == Layer.LASHES:
            out_flat[i] = 0.012
        elif k == Layer.HAIR:
            out_flat[i] = _hair(kit, spec, coords[i], uv[i], hair_colour)
        elif k in CLOTH:
            piece = next(w for w in worn if w.layer == k)
            out_flat[i] = _cloth(piece, coords[i], surface.edge.ravel()[i], f)
            materials[k, 1] += 0.12 * piece.cloth.fabric.shine
        elif k == Layer.SHOES:
            out_flat[i] = linear(next(c.colour for c in spec.companions if c.slot == "shoes"))
        elif k == Layer.SOLES:
            out_flat[i] = _sole_colour(spec)
        elif k == Layer.VEIL:
            out_flat[i] = _veil_colour(spec)
        elif k == Layer.GLASSES:
            out_flat[i] = (0.02, 0.018, 0.016) if spec.seed % 3 else (0.16, 0.09, 0.04)
    return out, materials


def _veil_colour(spec: Spec) -> Floats:
    colours = ((38, 42, 62), (186, 160, 140), (110, 62, 74), (70, 92, 88), (214, 204, 192), (28, 28, 30), (150, 120, 140))
    return linear(colours[spec.seed % len(colours)])


def _sole_colour(spec: Spec) -> Floats:
    shoe = next(c for c in spec.companions if c.slot == "shoes")
    if shoe.shape == "sneakers":
        return linear((236, 234, 230))
    return np.asarray(linear(shoe.colour) * 0.45, np.float32)


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
        bright = _strand(np.ascontiguousarray(coords), spec.seed % 1000, 1 if spec.hair in ("afro", "curly-short") else 0)
    return np.asarray(colour * np.clip(bright, 0.25, 2.2)[:, None], np.float32)


def _cloth(piece: Worn, coords: Floats, cut: Floats, f: tailoring.Frame) -> Floats:
    c = piece.cloth
    out = cloth_albedo(c.fabric, coords, f.chest + 6)
    seam = 1 - 0.20 * np.exp(-(((cut - 1.6) / 0.22) ** 2)) - 0.25 * np.exp(-((cut / 0.25) ** 2))
    if c.fabric.pattern == "knit" or c.neck in ("crew", "turtle") and c.category == "top":
        seam = seam - 0.06 * ((cut < 1.6) & (cut > 0))
    x, front = np.abs(coords[:, 0]), coords[:, 2] > f.centre_z
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
        goal = linear(MONK[spec.tone - 1])
        c = surface.coords.reshape(-1, 3)[skin]
        face = (c[:, 2] > 10) & (np.abs(c[:, 0]) < 6) & (c[:, 1] > 67.5) & (c[:, 1] < 76) & ~((np.abs(c[:, 0]) < 3.6) & (c[:, 1] < 69.3))
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
    # Light tones need room for light above them; this stays within 2 Lab units of the swatch.
    goal = goal * (1 - 0.045 * float(np.clip((goal.max() - 0.45) / 0.45, 0, 1)))
    out = values * (goal / np.maximum(middle, 1e-4))
    r = np.maximum(out.max(1) / goal.max(), 1e-4)
    room = float(np.clip(0.97 / goal.max() - 1, 0.05, 0.9))
    bright = 1 + room * (1 - np.exp(-np.maximum(r - 1, 0) / room))
    out *= np.where(r > 1, bright / r, 1)[:, None]
    dark = np.minimum(r, 1)[:, None]
    return np.asarray(out * dark ** np.float32([0.06, 0.24, 0.26]), np.float32)


def _tone_curve() -> Floats:
    """Linear light 0..2 in 4096 steps to sRGB 0..1, with a soft shoulder."""
    x = np.linspace(0, 2, 4096)
    x = np.where(x < 0.88, x, 0.88 + 0.12 * (1 - np.exp(-(x - 0.88) / 0.12)))
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055).astype(np.float32)


CURVE = _tone_curve()


@njit(cache=True, fastmath=True)
def _down(layer, diffuse, shine, curve, ss, table, colour, counts):  # type: ignore[no-untyped-def]
    """Average ss x ss pixels: premultiplied sRGB colour and how many of them show each label."""
    h, w = counts.shape[:2]
    for y in range(h):
        for x in range(w):
            for dy in range(ss):
                for dx in range(ss):
                    i, j = y * ss + dy, x * ss + dx
                    k = layer[i, j]
                    counts[y, x, table[k]] += 1
                    if k:
                        for c in range(3):
                            v = int((diffuse[i, j, c] + shine[i, j]) * 2047.5)
                            colour[y, x, c] += curve[min(max(v, 0), 4095)]


def _develop(
    kit: Kit, posed: Posed, spec: Spec, view: View, surface: Surface, diffuse: Floats, shine: Floats, shadow: Floats, floor: float
) -> Rendering:
    h, w = view.height, view.width
    colour, counts = np.zeros((h, w, 3), np.float32), np.zeros((h, w, 8), np.uint8)
    _down(surface.layer, diffuse, shine, CURVE, SUPERSAMPLING, LABEL_TABLE, colour, counts)
    n = SUPERSAMPLING**2
    alpha = 1 - counts[..., 0].astype(np.float32) / n
    ground = (view.y0 - floor * view.scale) / h
    horizon = ground - 0.09 if ground < 1.25 else None
    back = scenery.background(spec.scene, w, h, horizon, spec.seed)
    back = back * (1 - cv2.resize(shadow, (w, h))[..., None] * np.float32([0.62, 0.60, 0.57]))
    image = colour / n + back * (1 - alpha[..., None])
    image += np.random.default_rng(spec.seed).normal(0, 0.004, (h, w, 1)).astype(np.float32)
    labels = counts.argmax(2).astype(np.uint8)
    matte = np.round(counts[..., 4] * (255.0 / n)).astype(np.uint8)
    return Rendering(
        np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8),
        labels,
        matte,
        np.round(alpha * 255).astype(np.uint8),
        _face_box(kit, posed, view),
        posed.joints,
    )


def _face_box(kit: Kit, posed: Posed, view: View) -> tuple[float, float, float, float] | None:
    p = posed.vertices[face_vertices(kit.data)]
    xy = view.project(p.astype(np.float64))
    x0, y0, x1, y1 = xy[:, 0].min(), xy[:, 1].min(), xy[:, 0].max(), xy[:, 1].max()
    if x1 < 0 or y1 < 0 or x0 > view.width or y0 > view.height:
        return None
    return float(x0), float(y0), float(x1), float(y1)
