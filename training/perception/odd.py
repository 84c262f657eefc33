"""What has to be refused: bags, empty pictures, several garments at once."""

from __future__ import annotations

import cv2
import numpy as np

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, PARTS
from training.perception.flat import dyed, shadow
from training.perception.grounds import Rng, clouds, finish, ground
from training.perception.photos import Pictures
from training.perception.sample import UNKNOWN, Sample, no_landmarks, part_of


def empty(rng: Rng, size: int, pictures: Pictures) -> Sample:
    """A ground with nothing on it."""
    nothing = np.zeros((size, size), np.uint8)
    marks = no_landmarks(len(NAMES), known=True)
    return Sample(ground(rng, size, pictures.beside), nothing, nothing.copy(), marks, UNKNOWN, UNKNOWN)


def bag(rng: Rng, size: int, pictures: Pictures) -> Sample:
    """A handbag, a tote or a backpack: a stiff body with handles, a flap, a lock."""
    u = rng.uniform
    half, high = u(0.2, 0.36) * size, u(0.25, 0.5) * size
    middle, top = size * (0.5 + u(-0.05, 0.05)), size * u(0.3, 0.45)
    slope = u(0.7, 1.15)
    body = np.array(
        [
            [middle - half * slope, top],
            [middle + half * slope, top],
            [middle + half, top + high],
            [middle - half, top + high],
        ]
    )
    solid = np.zeros((size, size), np.uint8)
    cv2.fillPoly(solid, [np.rint(body).astype(np.int32)], 255)
    soft = int(u(0.01, 0.1) * size) * 2 + 1
    solid = np.where(cv2.GaussianBlur(solid, (soft, soft), 0) > 127, 255, 0).astype(np.uint8)
    thick = max(2, int(u(0.01, 0.035) * size))
    for shift in (0, u(0.02, 0.06) * size):
        axes = (int(half * u(0.35, 0.7)), int(u(0.12, 0.3) * size))
        cv2.ellipse(solid, (int(middle + shift), int(top + 2)), axes, 0, 180, 360, 255, thick, cv2.LINE_AA)
    matte = solid.astype(np.float32) / 255
    behind = ground(rng, size, pictures.beside)
    cloth = dyed(rng, size, behind, pictures.cloth) * (1 + 0.12 * clouds(rng, size, 3)[..., None])
    flap = np.zeros((size, size), np.float32)
    cv2.rectangle(flap, (int(middle - half), int(top + high * u(0.3, 0.7))), (int(middle + half), size), 1.0, -1)
    cloth = cloth * (1 - u(0, 0.3) * flap[..., None])
    if u() < 0.6:
        side = int(u(0.01, 0.04) * size)
        at = (int(middle), int(top + high * u(0.3, 0.7)))
        cv2.rectangle(
            cloth,
            (at[0] - side, at[1] - side),
            (at[0] + side, at[1] + side),
            [float(c) for c in rng.uniform(60, 250, 3)],
            -1,
        )
    picture = behind * shadow(rng, matte, "flat")[..., None]
    picture = picture * (1 - matte[..., None]) + cloth * matte[..., None]
    parts = np.where(solid > 127, PARTS.index(part_of("bag")), 0).astype(np.uint8)
    marks = no_landmarks(len(NAMES), known=True)
    return Sample(finish(picture), solid, parts, marks, UNKNOWN, CATEGORIES.index("bag"))


def several(rng: Rng, size: int, pictures: Pictures) -> Sample:
    """Two or three garments beside each other."""
    canvas = ground(rng, size, pictures.beside).astype(np.float32)
    matte, parts = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
    count = int(rng.integers(2, 4))
    across = rng.random() < 0.7
    for i in range(count):
        one = pictures.garment(rng)
        ys, xs = np.nonzero(one.matte > 127)
        box = slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1)
        cell = size / count * 0.9 if across else size / count * 0.92
        scale = (
            min(cell / (xs.max() - xs.min() + 1), size * 0.9 / (ys.max() - ys.min() + 1))
            if across
            else min(cell / (ys.max() - ys.min() + 1), size * 0.9 / (xs.max() - xs.min() + 1))
        )
        rgb = cv2.resize(one.rgb[box], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        solid = cv2.resize(one.matte[box], (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
        centre = (size * (i + 0.5) / count, size / 2) if across else (size / 2, size * (i + 0.5) / count)
        x, y = (int(np.clip(c - n / 2, 0, size - n)) for c, n in zip(centre, rgb.shape[1::-1], strict=True))
        window = slice(y, y + rgb.shape[0]), slice(x, x + rgb.shape[1])
        alpha = solid.astype(np.float32)[..., None] / 255
        canvas[window] = canvas[window] * (1 - alpha) + rgb * alpha
        matte[window] = np.maximum(matte[window], solid)
        parts[window][solid > 127] = PARTS.index(part_of(one.category))
    marks = no_landmarks(len(NAMES), known=False)
    return Sample(finish(canvas), matte, parts, marks, UNKNOWN, UNKNOWN, several=1)
