"""A spec, a pose and a view become a picture with exact labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.records import View
from training.people import dress, face, hair, light, raster, scenery, shoes, veil
from training.people.anatomy import Vertices, shape
from training.people.dress import Worn
from training.people.gestures import Angles, rotations
from training.people.kit import Kit, face_vertices
from training.people.layers import CLOTH, LABEL_TABLE, Layer
from training.people.measuring import Frame, frame
from training.people.painting import expose, paint
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
        room = max(spec.garment.ease, spec.garment.leg_ease) + 1.0 if not tuck else 0.0
        worn = [Worn(t.layer, replace(t.cloth, ease=max(t.cloth.ease, room)), tucked=tuck) for t in tops]
        worn = [garment, *worn] if not tuck else [*worn, garment]
    elif spec.garment.category == "outerwear":
        worn = [*bottoms, *tops, garment]
    else:
        worn = [*bottoms, garment]
    shoe = next((c.shape for c in spec.companions if c.slot == "shoes"), "barefoot")
    return worn, shoe


def meshes(kit: Kit, posed: Posed, spec: Spec) -> tuple[list[Mesh], dict[str, int], Frame]:
    """Everything that is drawn, and which alpha texture has which number."""
    f = frame(kit, posed.rest)
    worn, shoe = outfit(spec)
    alphas: dict[str, int] = {}
    veiled = "hijab" in spec.features or spec.hair == "hijab"
    cut = np.minimum(dress.skin_cut(kit, posed, f, worn), shoes.foot_cut(kit, posed, shoe))
    out = [
        _skin(
            kit, posed, np.minimum(cut, veil.veiled_cut(kit, posed)) if veiled else cut, shoes.stand(kit, posed, shoe)
        )
    ]
    brow = ("eyebrow009", "eyebrow001", "eyebrow006")[spec.seed % (2 if spec.build.masculine > 0.5 else 3)]
    out += face.face_parts(kit, posed, brow, alphas)
    style = hair.Hair(spec.hair, mesh_for(spec.hair, spec.seed), (spec.seed % 97) / 96, spec.seed % 1000)
    out += hair.hair(kit, posed, style, alphas)
    if veiled:
        out += veil.veil(kit, posed, spec.seed)
    if "glasses" in spec.features:
        out += face.glasses(posed, spec.seed)
    out += dress.pieces(kit, posed, f, worn, spec.seed % 1000)
    out += shoes.shoes(kit, posed, shoe)
    return out, alphas, f


def _skin(kit: Kit, posed: Posed, cut: Floats, vertices: Vertices) -> Mesh:
    part = kit.data.body
    source = part.source
    normals = raster.vertex_normals(vertices, source[part.triangles].astype(np.int32))
    # Skin is looked up on the base mesh: lips and hairline are in the same place on everybody.
    return Mesh(
        Layer.SKIN,
        vertices[source],
        part.triangles,
        kit.data.vertices[source],
        part.uv,
        cut[source].astype(np.float32),
        normals[source],
    )


def render(kit: Kit, posed: Posed, spec: Spec, view: View) -> Rendering:
    """The picture of a posed body in its clothes and scene, at the size of `view`."""
    big = View(
        view.width * SUPERSAMPLING,
        view.height * SUPERSAMPLING,
        view.scale * SUPERSAMPLING,
        view.x0 * SUPERSAMPLING,
        view.y0 * SUPERSAMPLING,
    )
    parts, alphas, f = meshes(kit, posed, spec)
    stack = raster.stack(parts)
    surface = raster.draw(stack, big, _alpha_stack(kit, alphas), hair_behind(stack, posed))
    lamp = lamp_for(spec)
    light.crease(surface, big.scale, {int(k): 1 for k in (*CLOTH, Layer.VEIL)})
    colour, materials = paint(kit, surface, spec, f, outfit(spec)[0])
    lit, ao = light.shadow(stack, surface, big, lamp), light.occlusion(surface, big.scale)
    diffuse, shine = light.shade(surface, colour, lit, ao, lamp, materials)
    expose(diffuse, surface, colour, spec, kit)
    floor = float(stack.points[stack.triangles[np.isin(stack.layers, [Layer.SKIN, Layer.SOLES])], 1].min()) + 0.3
    shadow = light.floor_shadow(stack, big, lamp, floor)
    return _develop(kit, posed, spec, view, surface, diffuse, shine, shadow, floor)


def hair_behind(stack: raster.Stack, posed: Posed) -> Floats:
    """(N,) cm by which vertices are pushed back where depths are compared: hair below the neck lies behind the shoulders.

    The pipeline pastes the seller's garment over whatever is generated, so hair never lies in front of it.
    """
    below = np.clip((posed.joints["neck"][1] + 3 - stack.points[:, 1]) / 5, 0, 1)
    hair = np.zeros(len(stack.points), bool)
    hair[stack.triangles[np.isin(stack.layers, [Layer.HAIR, Layer.VEIL])]] = True
    return np.asarray(np.where(hair, -18 * below, 0), np.float32)


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
    kit: Kit,
    posed: Posed,
    spec: Spec,
    view: View,
    surface: Surface,
    diffuse: Floats,
    shine: Floats,
    shadow: Floats,
    floor: float,
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
