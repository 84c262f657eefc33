"""Draws the outlines of `shapes.py` as photos of garments: lying flat, on hangers, as ghosts. Exact mattes and landmarks."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS
from fashion_gen.records import Picture
from training.perception.grounds import Rng, clouds, finish, ground, studio, tint
from training.perception.sample import Sample, part_of
from training.perception.shapes import UPPERS, Shape, sample

Floats = np.ndarray
Photos = Callable[[Rng, int], Picture]
CATEGORY_ODDS = {
    "top": 0.3,
    "outerwear": 0.14,
    "dress": 0.18,
    "jumpsuit": 0.06,
    "trousers": 0.14,
    "shorts": 0.08,
    "skirt": 0.1,
}


def draw(rng: Rng, size: int, grounds: Photos | None, cloths: Photos | None) -> Sample:
    """One picture of size x size."""
    kind = str(rng.choice(["flat", "hanger", "ghost"], p=[0.55, 0.25, 0.2]))
    category = str(rng.choice(list(CATEGORY_ODDS), p=list(CATEGORY_ODDS.values())))
    shape = sample(rng, category, hanging=kind != "flat")
    place = placing(rng, shape, size, kind)
    solid = filled(shape.pieces, place, size)
    matte = np.asarray(solid, np.float32) / 255
    behind = studio(rng, size) if kind == "ghost" and rng.random() < 0.8 else ground(rng, size, grounds)
    picture = behind.astype(np.float32)
    picture *= shadow(rng, matte, kind)[..., None]
    if kind == "hanger":
        hanger(rng, picture, shape, place, category)
    cloth = dyed(rng, size, behind, cloths)
    cloth = printed(rng, cloth, shape, place)
    cloth = modelled(rng, cloth, matte, shape, place)
    picture = picture * (1 - matte[..., None]) + cloth * matte[..., None]
    marks = np.zeros((len(NAMES), 3), np.float32)
    for i, name in enumerate(NAMES):
        if name in shape.landmarks:
            marks[i] = (*place(shape.landmarks[name][None])[0], 1.0)
    parts = np.where(solid > 127, PARTS.index(part_of(category)), 0).astype(np.uint8)
    return Sample(finish(picture), np.asarray(solid), parts, marks, KINDS.index(kind), CATEGORIES.index(category))


class Placing:
    """Garment units to pixels: turned, scaled, shifted, with a little perspective."""

    def __init__(self, matrix: Floats) -> None:
        self.matrix = matrix

    def __call__(self, points: Floats) -> Floats:
        """(n, 2) to (n, 2) pixels."""
        whole = np.c_[points, np.ones(len(points))] @ self.matrix.T
        return np.asarray(whole[:, :2] / whole[:, 2:])


def placing(rng: Rng, shape: Shape, size: int, kind: str) -> Placing:
    """Where the garment lies in the picture: most of it filled, straight when hanging, a little crooked when lying."""
    points = np.vstack(shape.pieces)
    low, high = points.min(0), points.max(0)
    turn = np.radians(rng.normal(0, 2 if kind != "flat" else 6))
    scale = size * rng.uniform(0.55, 0.95) / max((high - low).max(), 1.15 * (high - low)[0])
    middle, target = (low + high) / 2, size * (0.5 + rng.uniform(-0.04, 0.04, 2))
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    affine = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    affine[:2, 2] = target - affine[:2, :2] @ middle
    tilt = np.eye(3)
    tilt[2, :2] = rng.normal(0, 0.12 / size, 2)
    tilt[:, 2] += [0, 0, -tilt[2, :2] @ target]  # the middle stays where it is
    return Placing(tilt @ affine)


def filled(pieces: list[Floats], place: Placing, size: int) -> Picture:
    """(size, size) matte of polygons, anti-aliased."""
    canvas = np.zeros((size, size), np.uint8)
    for piece in pieces:
        one = np.zeros_like(canvas)
        cv2.fillPoly(one, [np.rint(place(piece) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
        canvas = np.maximum(canvas, one)
    return canvas


def shadow(rng: Rng, matte: Floats, kind: str) -> Floats:
    """(h, w) by how much the garment darkens what is behind it."""
    if kind == "ghost":
        return np.ones_like(matte)
    size = len(matte)
    away = rng.normal(0, 0.012, 2) * size
    moved = cv2.warpAffine(matte, np.float32([[1, 0, away[0]], [0, 1, away[1]]]), matte.shape)
    return 1 - rng.uniform(0.05, 0.5) * cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(0.004, 0.03)) * size)


def hanger(rng: Rng, picture: Floats, shape: Shape, place: Placing, category: str) -> None:
    """A hook and two arms, or a bar with clips; whatever the garment covers is painted over later."""
    colour = [float(c) for c in (tint(rng) if rng.random() < 0.5 else np.float32([30, 30, 32]) + rng.uniform(0, 150))]
    left, right = shape.above
    top = (left + right) / 2 - (0, 0.02)
    size = len(picture)
    thick = max(1, round(size * rng.uniform(0.004, 0.02)))
    if category in UPPERS:
        arms = [
            np.array([left * (0.95, 1) + (0, 0.01), top - (0, 0.06)]),
            np.array([right * (0.95, 1) + (0, 0.01), top - (0, 0.06)]),
        ]
        base = top - (0, 0.06)
    else:
        arms = [np.array([left + (0, -0.03), right + (0, -0.03)])]
        base = top - (0, 0.02)
        for x in (left * (0.8, 1), right * (0.8, 1)):
            arms.append(np.array([x - (0, 0.05), x + (0, 0.035)]))
    high, round_ = rng.uniform(0.03, 0.1), rng.uniform(0.03, 0.06)
    angle = np.linspace(np.pi / 2, -np.pi * rng.uniform(0.6, 0.95), 16)
    bow = np.c_[rng.choice([-1, 1]) * np.cos(angle), np.sin(angle)] * round_ - (0, high + round_)
    arms.append(base + np.vstack([[[0, 0]], bow]))
    for line in arms:
        cv2.polylines(picture, [np.rint(place(line) * 16).astype(np.int32)], False, colour, thick, cv2.LINE_AA, shift=4)


def dyed(rng: Rng, size: int, behind: Picture, cloths: Photos | None) -> Floats:
    """(size, size, 3) of cloth: a real one, or a colour with a pattern; now and then nearly the colour of the ground."""
    if cloths is not None and rng.random() < 0.45:
        return cloths(rng, size).astype(np.float32)
    base = tint(rng) if rng.random() < 0.6 else rng.uniform(5, 250, 3).astype(np.float32)
    if rng.random() < 0.12:
        base = np.clip(behind.mean((0, 1)) + rng.normal(0, 9), 4, 252).astype(np.float32)
    cloth = np.broadcast_to(base, (size, size, 3)).copy()
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    pattern = str(rng.choice(["none", "stripes", "check", "dots", "blobs"], p=[0.55, 0.14, 0.1, 0.08, 0.13]))
    other = rng.uniform(5, 250, 3).astype(np.float32)
    step, angle = rng.uniform(4, size / 8), float(rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)]))
    along = x * np.cos(angle) + y * np.sin(angle)
    if pattern == "stripes":
        cloth[along % step < step * rng.uniform(0.2, 0.6)] = other
    elif pattern == "check":
        across = y * np.cos(angle) - x * np.sin(angle)
        share = ((along % step < step / 2) * 0.5 + (across % step < step / 2) * 0.5)[..., None]
        cloth = cloth * (1 - share) + other * share
    elif pattern == "dots":
        cloth[np.hypot(x % step - step / 2, y % step - step / 2) < step * rng.uniform(0.15, 0.35)] = other
    elif pattern == "blobs":
        cloth[clouds(rng, size, int(rng.integers(8, 40))) > rng.uniform(0.2, 0.9)] = other
        cloth[clouds(rng, size, int(rng.integers(8, 40))) > 0.9] = rng.uniform(5, 250, 3)
    yarn = rng.normal(0, 1, (size, size, 1)).astype(np.float32)
    return cloth * (1 + rng.uniform(0, 0.07) * yarn)


def printed(rng: Rng, cloth: Floats, shape: Shape, place: Placing) -> Floats:
    """Letters or a plate on the chest of some."""
    if rng.random() > 0.4:
        return cloth
    corners = place(np.asarray(shape.chest))
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    out = finish(cloth)  # OpenCV writes on bytes only
    colour = [float(c) for c in rng.uniform(5, 250, 3)]
    if rng.random() < 0.3:
        a, b = rng.uniform(0, 0.4, 2), rng.uniform(0.6, 1, 2)
        cv2.rectangle(out, *[(int(x0 + t[0] * (x1 - x0)), int(y0 + t[1] * (y1 - y0))) for t in (a, b)], colour, -1)
        colour = [float(c) for c in rng.uniform(5, 250, 3)]
    for _ in range(int(rng.integers(1, 4))):
        word = "".join(rng.choice(list("ABCDEFGHIKLMNOPRSTUVXY0123456789"), int(rng.integers(1, 9))))
        at = (int(x0 + rng.uniform(-0.05, 0.4) * (x1 - x0)), int(y0 + rng.uniform(0.1, 1) * (y1 - y0)))
        cv2.putText(
            out,
            word,
            at,
            int(rng.integers(0, 7)),
            float(rng.uniform(0.3, 1.8)) * len(cloth) / 256,
            colour,
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )
    return out.astype(np.float32)


def modelled(rng: Rng, cloth: Floats, matte: Floats, shape: Shape, place: Placing) -> Floats:
    """Folds, darker rims, seams, and the shaded hollow of the neck."""
    size = len(cloth)
    folds = sum(w * clouds(rng, size, n) for n, w in ((4, 0.6), (9, 0.6), (20, 0.4)))
    relief = cv2.GaussianBlur(np.asarray(folds, np.float32), (0, 0), size / 100)
    light = 1 + rng.uniform(0.01, 0.09) * np.gradient(relief, axis=int(rng.integers(2))) * size / 12
    rim = cv2.GaussianBlur(matte, (0, 0), size * float(rng.uniform(0.006, 0.02)))
    light = light * (1 - rng.uniform(0, 0.5) * (1 - rim) * 2)
    for line in shape.lines:
        if rng.random() < 0.8:
            mark = np.zeros((size, size), np.float32)
            cv2.polylines(
                mark,
                [np.rint(place(line) * 16).astype(np.int32)],
                False,
                1.0,
                int(rng.integers(1, 3)),
                cv2.LINE_AA,
                shift=4,
            )
            light = light * (1 - float(rng.uniform(-0.25, 0.5)) * mark)
    cloth = cloth * light[..., None]
    for hollow in shape.inside:
        inside = filled([hollow], place, size).astype(np.float32)[..., None] / 255
        deep = np.clip(cloth * rng.uniform(0.35, 0.95) + (rng.uniform(-20, 60, 3) if rng.random() < 0.3 else 0), 0, 255)
        cloth = cloth * (1 - inside) + deep * inside
    return np.asarray(np.clip(cloth, 0, 255), np.float32)
