"""Render the packaged example garment: a ghost-mannequin T-shirt with a print on plain white.

python -m training.example [-o fashion_gen/example/garment.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_gen.records import View
from training import pack
from training.people import dress, light, raster
from training.people.anatomy import Build, shape
from training.people.cloth import Cloth, Fabric
from training.people.dress import Worn
from training.people.fabric import linear
from training.people.gestures import rotations
from training.people.kit import Kit, prepare
from training.people.layers import Layer
from training.people.measuring import Frame, frame
from training.people.painting import strand
from training.people.posing import pose
from training.people.render import CURVE

WIDTH, HEIGHT = 1500, 1800
SHIRT = Cloth(
    "top",
    Fabric("heather", (58, 84, 104)),
    sleeve=0.37,
    neck="crew",
    hem=0.225,
    ease=2.6,
    hang=0.75,
    sleeve_ease=2.4,
    sleeve_flare=0.8,
    folds=1.7,
)
OUT = Path(__file__).resolve().parents[1] / "fashion_gen" / "example" / "garment.jpg"


def sun_over_hills(size: int) -> NDArray[np.float32]:
    """(S, S, 4) linear RGBA print: a striped sun behind two ranges of hills."""
    k = size / 400
    colour = np.zeros((size, size, 3), np.uint8)
    alpha = np.zeros((size, size), np.uint8)
    at = lambda x, y: (int(x * k), int(y * k))  # noqa: E731
    cv2.circle(colour, at(200, 190), int(150 * k), (244, 176, 78), -1, cv2.LINE_AA)
    cv2.circle(alpha, at(200, 190), int(150 * k), 255, -1, cv2.LINE_AA)
    for y, gap in ((150, 5), (178, 7), (208, 9), (240, 11)):
        cv2.rectangle(alpha, at(0, y), at(400, y + gap), 0, -1)
    for points, rgb in (
        (((30, 310), (110, 205), (150, 240), (215, 160), (290, 250), (325, 222), (372, 310)), (236, 112, 74)),
        (((12, 340), (90, 262), (150, 300), (235, 232), (310, 305), (345, 280), (390, 340)), (250, 236, 214)),
    ):
        polygon = np.array([at(*p) for p in points], np.int32)
        cv2.fillPoly(colour, [polygon], rgb, cv2.LINE_AA)
        cv2.fillPoly(alpha, [polygon], 255, cv2.LINE_AA)
    rgba = np.dstack([((colour / 255.0) ** 2.2), alpha / 255.0])
    return rgba.astype(np.float32)


def shirt(kit: Kit) -> tuple[Frame, list[raster.Mesh]]:
    """The shirt on an invisible body with its arms a little away."""
    build = Build(masculine=0.75, age=28, stature=176, muscle=0.55, weight=0.5, proportions=0.7, cup=0.4)
    rest = shape(kit.data, build)
    arm = {"raise": 24.0, "elbow": 8.0, "twist": 5.0}
    posed = pose(kit.data, rest, rotations(kit.data, rest, {"left_arm": arm, "right_arm": arm}))
    f = frame(kit, rest)
    return f, dress.pieces(kit, posed, f, [Worn(Layer.GARMENT, SHIRT)], 12)


def colour(surface: raster.Surface, f: Frame) -> NDArray[np.float32]:
    """(H, W, 3) linear: heathered jersey, ribbed collar, stitched hems, the print on the chest."""
    on = np.flatnonzero(surface.layer.ravel())
    c, edge = surface.coords.reshape(-1, 3)[on], surface.edge.ravel()[on]
    out = np.zeros((surface.layer.size, 3), np.float32)
    cloth = linear(SHIRT.fabric.colour) * (1 + 0.16 * _grain(c))[:, None]
    side, width = 1536, 25.0
    art = sun_over_hills(side)
    j, i = (c[:, 0] / width + 0.5) * side, ((f.chest + 8.5 - c[:, 1]) / width) * side
    ok = (i >= 0) & (j >= 0) & (i < side) & (j < side) & (c[:, 2] > 1) & ~surface.back.ravel()[on]
    ink = np.zeros((len(on), 4), np.float32)
    ink[ok] = art[i[ok].astype(int), j[ok].astype(int)]
    # A screen print lets a little of the knit through.
    cloth = cloth + (0.94 * ink[:, 3])[:, None] * (ink[:, :3] * (1 + 0.03 * _grain(c * 1.7))[:, None] - cloth)
    near_neck = _near_neck(c, f)
    rib = near_neck & (edge < 2.1)
    seam = 1 - 0.30 * np.exp(-(((edge - 2.2) / 0.09) ** 2)) - 0.16 * np.exp(-(((edge - 1.75) / 0.06) ** 2))
    seam = np.where(rib, 0.93 + 0.05 * np.sin(np.arctan2(c[:, 0], c[:, 2] - f.neck_z) * 230), seam)
    seam -= 0.22 * np.exp(-((edge / 0.12) ** 2))
    label = surface.back.ravel()[on] & (np.abs(c[:, 0]) < 2.0) & near_neck & (edge > 2.6) & (edge < 5.0)
    cloth = np.where(label[:, None], linear((232, 228, 220)), cloth * seam[:, None])
    out[on] = cloth
    return out.reshape(*surface.layer.shape, 3)


def _near_neck(c: NDArray[np.float32], f: Frame) -> NDArray[np.bool_]:
    return np.asarray((c[:, 1] > f.armpit + 1) & (np.abs(c[:, 0]) < 13.5))


def _grain(c: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(strand(np.ascontiguousarray(c * 3.0, np.float32), 5, 1) - 1, np.float32)


def picture(kit: Kit) -> NDArray[np.uint8]:
    """(1800, 1500, 3) RGB."""
    f, meshes = shirt(kit)
    scene = raster.stack(meshes)
    drawn = scene.points[np.unique(scene.triangles[(scene.cut[scene.triangles] > 0).all(1)])]
    low, high = drawn.min(0), drawn.max(0)
    scale = min(WIDTH * 0.86 / (high[0] - low[0]), HEIGHT * 0.86 / (high[1] - low[1])) * 2
    view = View(
        2 * WIDTH,
        2 * HEIGHT,
        float(scale),
        float(WIDTH - scale * (low[0] + high[0]) / 2),
        float(HEIGHT + scale * (low[1] + high[1]) / 2),
    )
    surface = raster.draw(scene, view, np.full((1, 2, 2), 255, np.uint8))
    light.crease(surface, view.scale, {int(Layer.GARMENT): 1})
    lamp = light.Light(key=(-0.55, 0.75, 0.8), strength=0.8, fill=0.16, sky=0.36, softness=2.2)
    lit = light.shadow(scene, surface, view, lamp)
    albedo = colour(surface, f)
    diffuse, shine = light.shade(surface, albedo, lit, light.occlusion(surface, view.scale), lamp, light.MATERIALS)
    on = (surface.layer > 0) & ~surface.back
    diffuse *= float(albedo[on].mean() / diffuse[on].mean())
    linear_light = np.clip((diffuse + 0.5 * shine[..., None]) * 2047.5, 0, 4095).astype(np.int32)
    rgb = np.where(surface.layer[..., None] > 0, CURVE[linear_light], np.float32(1.0))
    small = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(0).normal(0, 0.004, small.shape[:2]).astype(np.float32)
    textured = small + grain[..., None] * (small < 0.995)
    return np.clip(textured * 255 + 0.5, 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, default=OUT)
    out = parser.parse_args().o
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture(prepare(pack.load()))).save(out, "JPEG", quality=90, optimize=True)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
