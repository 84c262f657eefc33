"""Rendered people as the net sees them: whole or cropped, as people or as dummies, or with everything but the garment gone.

From the files of `training/figure_people.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from fashion_gen.garment.landmarks import NAMES
from fashion_gen.garment.perception import CATEGORIES, KINDS, PARTS
from fashion_gen.garment.worn import L_ELBOW, L_HIP, L_WRIST, NECK, NOSE, R_ELBOW, R_HIP, R_WRIST
from fashion_gen.records import Picture
from training.people.layers import Label
from training.perception.flat import Photos
from training.perception.grounds import Rng, ground, studio
from training.perception.photos import landmarks
from training.perception.sample import UNKNOWN, Floats, Sample, no_landmarks, part_of

BACKGROUND, SKIN, HAIR, FACE, HANDS, UPPER, LOWER, ONE_PIECE, SHOES, OTHER = range(len(PARTS))
DUMMY, GHOST = 0.2, 0.12  #: share of people shown as a shop's dummy, and as the empty garment


@dataclass(eq=False)
class Figure:
    """One rendered person: H x W pixels, joints (18, 3) in pixels."""

    rgb: Picture
    person: Picture
    labels: Picture
    joints: Floats
    category: str

    @cached_property
    def landmarks(self) -> Floats:
        """Landmarks of the garment by its exact outline, as far as the outline shows them; none of who moves too much."""
        garment = ((self.labels == Label.GARMENT) * 255).astype(np.uint8)
        return landmarks(garment, self.category) if garment.any() else no_landmarks(len(NAMES), known=False)


def load(folder: Path) -> list[Figure]:
    """Every rendered person of a folder."""
    found = []
    for path in sorted(folder.glob("*.npz")):
        try:
            with np.load(path) as stored:
                rgb, person, labels, points = (stored[name] for name in ("image", "person", "labels", "keypoints"))
                category = str(stored["category"])
        except (OSError, ValueError, EOFError, KeyError):
            continue  # still being written
        h, w = person.shape
        found.append(Figure(rgb, person, labels, points * (w, h, 1.0), category))
    return found


def draw(rng: Rng, figure: Figure, size: int, grounds: Photos | None) -> Sample:
    """One sample, of the person's own size."""
    parts = body_parts(figure)
    part = PARTS.index(part_of(figure.category))
    garment = (figure.labels == Label.GARMENT) & (parts == part)
    rgb, alpha, kind = lit(rng, figure.rgb, parts), figure.person.astype(np.float32) / 255, "person"
    fate = rng.random()
    if fate < GHOST and figure.category not in ("trousers", "shorts", "skirt"):
        rgb, alpha, parts, kind = emptied(rng, figure, garment, parts)
    elif fate < GHOST + DUMMY:
        rgb, alpha, parts, kind = dummy(rng, figure, parts)
    if rng.random() < 0.6 or kind == "ghost":
        side = max(alpha.shape)
        behind = studio(rng, side) if kind == "ghost" or rng.random() < 0.35 else ground(rng, side, grounds)
        behind = behind[: alpha.shape[0], : alpha.shape[1]]
        soft = alpha[..., None]
        rgb = np.clip(rgb * soft + behind * (1 - soft), 0, 255).astype(np.uint8)
    matte = (garment * 255).astype(np.uint8)
    rows = framing(rng, figure, garment)
    columns = sides(rng, alpha[rows] > 0.5)
    rgb, matte, parts = (np.ascontiguousarray(a[rows, columns]) for a in (rgb, matte, parts))
    category = shown(figure, matte, parts)
    marks = figure.landmarks.copy()
    marks[:, :2] -= (columns.start, rows.start)
    outside = ((marks[:, :2] < 0) | (marks[:, :2] >= rgb.shape[1::-1])).any(axis=1)
    marks[outside & (marks[:, 2] == 1), 2] = 0
    return Sample(rgb, matte, parts, marks, KINDS.index(kind), category)


def lit(rng: Rng, rgb: Picture, parts: Picture) -> Picture:
    """Harder light than the renderer's, and skin and hair of other tints: photos of people vary more than drawings."""
    values = rgb.astype(np.float32) / 255
    for part, spread in ((np.isin(parts, (SKIN, FACE, HANDS)), 0.09), (parts == HAIR, 0.12)):
        values[part] *= 1 + rng.normal(0, spread, 3)
    if rng.random() < 0.6:
        size = values.shape[1::-1]
        patches = cv2.resize(rng.normal(0, 1, (5, 4)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        values *= (1 + rng.uniform(0.05, 0.35) * patches)[..., None]
    values = np.clip(values, 0, 1) ** rng.uniform(0.7, 1.6)
    return np.clip(values * 255, 0, 255).astype(np.uint8)


def body_parts(figure: Figure) -> Picture:
    """(H, W) places in PARTS."""
    labels, joints = figure.labels, figure.joints
    parts = np.zeros(labels.shape, np.uint8)
    parts[labels == Label.SKIN] = SKIN
    parts[labels == Label.HAIR] = HAIR
    parts[labels == Label.SHOES] = SHOES
    parts[labels == Label.PROP] = OTHER
    part = PARTS.index(part_of(figure.category))
    parts[labels == Label.GARMENT] = part
    rows = np.arange(len(labels))[:, None]
    hips = joints[[R_HIP, L_HIP], 1].mean()
    clothes = labels == Label.CLOTHES
    parts[clothes] = UPPER if part == LOWER else LOWER
    parts[clothes & (rows < hips - 0.12 * abs(hips - joints[NECK, 1])) & (part == UPPER)] = UPPER
    head = float(np.linalg.norm(joints[NOSE, :2] - joints[NECK, :2]))
    near_face = np.hypot(*(np.indices(labels.shape)[::-1] - joints[NOSE, :2, None, None])) < 0.85 * head
    parts[(labels == Label.FACE) | ((labels == Label.SKIN) & near_face & (rows < joints[NECK, 1] - 0.35 * head))] = FACE
    for elbow, wrist in ((R_ELBOW, R_WRIST), (L_ELBOW, L_WRIST)):
        arm = joints[wrist, :2] - joints[elbow, :2]
        at = np.stack(np.indices(labels.shape)[::-1]) - joints[wrist, :2, None, None]
        beyond = (at * arm[:, None, None]).sum(0) > -0.02 * (arm**2).sum()
        close = np.hypot(*at) < 0.95 * max(np.hypot(*arm), 0.6 * head)
        parts[(labels == Label.SKIN) & beyond & close & (parts != FACE)] = HANDS
    return parts


def dummy(rng: Rng, figure: Figure, parts: Picture) -> tuple[Picture, Floats, Picture, str]:
    """The same clothes on a shop's dummy: one colour for all that is skin, no hair, often no head and no hands."""
    rgb = figure.rgb.astype(np.float32)
    bare = np.isin(parts, (SKIN, FACE, HANDS))
    grey = rgb.mean(2)
    level = grey[bare].mean() if bare.any() else 128.0
    colour = rng.choice([[236, 232, 226], [205, 178, 150], [150, 150, 150], [38, 38, 40]]) * rng.uniform(0.9, 1.06, 3)
    rgb[bare] = np.clip(colour * (0.65 + 0.35 * (grey[bare] / max(level, 1))[:, None]), 0, 255)
    gone = parts == HAIR
    cut = figure.joints[NECK, 1] - rng.uniform(0.1, 0.45) * abs(figure.joints[NOSE, 1] - figure.joints[NECK, 1])
    if rng.random() < 0.7:
        gone |= bare & (np.arange(len(parts))[:, None] < cut)
    if rng.random() < 0.5:
        gone |= parts == HANDS
    alpha = figure.person.astype(np.float32) / 255 * ~gone
    parts = np.where(gone, BACKGROUND, np.where(bare, OTHER, parts)).astype(np.uint8)
    return np.clip(rgb, 0, 255).astype(np.uint8), alpha, parts, "mannequin"


def emptied(rng: Rng, figure: Figure, garment: Floats, parts: Picture) -> tuple[Picture, Floats, Picture, str]:
    """The garment alone, as if a ghost wore it, with the inside of its back in the neck."""
    rgb = figure.rgb.astype(np.float32)
    neck, nose = figure.joints[NECK, :2], figure.joints[NOSE, :2]
    head = float(np.linalg.norm(nose - neck))
    hollow = np.zeros(garment.shape, np.uint8)
    cv2.ellipse(hollow, (int(neck[0]), int(neck[1])), (int(0.55 * head) + 1, int(0.6 * head) + 1), 0, 0, 360, 1, -1)
    below = np.arange(len(garment))[:, None] > neck[1] - rng.uniform(0.05, 0.25) * head
    inner = (hollow > 0) & below & ~garment & np.isin(parts, (SKIN, FACE, UPPER, HAIR))
    colour = rgb[garment].mean(0) if garment.any() else np.full(3, 128.0)
    rgb[inner] = np.clip(colour * rng.uniform(0.4, 0.9), 0, 255)
    kept = garment | inner
    alpha = cv2.GaussianBlur(kept.astype(np.float32), (0, 0), 0.6)
    part = PARTS.index(part_of(figure.category))
    return rgb.astype(np.uint8), alpha, np.where(kept, part, BACKGROUND).astype(np.uint8), "ghost"


def framing(rng: Rng, figure: Figure, garment: Floats) -> slice:
    """Rows that a shop would show: all of the person, or about as much as the garment needs."""
    rows = np.flatnonzero(garment.any(1))
    if not len(rows) or rng.random() < 0.25:
        return slice(0, len(garment))
    top, bottom = rows[0], rows[-1]
    high = bottom - top + 1
    above, below = rng.uniform(-0.1, 0.8), rng.uniform(-0.15, 0.6)
    if figure.category in ("trousers", "shorts", "skirt"):
        above = rng.uniform(-0.1, 0.45)
    return slice(max(0, int(top - above * high)), min(len(garment), int(bottom + below * high) + 1))


def sides(rng: Rng, solid: Floats) -> slice:
    """Columns around whoever is there."""
    columns = np.flatnonzero(solid.any(0))
    if not len(columns):
        return slice(0, solid.shape[1])
    wide = columns[-1] - columns[0] + 1
    left, right = rng.uniform(-0.15, 0.5, 2) * wide
    return slice(max(0, int(columns[0] - left)), min(solid.shape[1], int(columns[-1] + right) + 1))


def shown(figure: Figure, matte: Picture, parts: Picture) -> int:
    """The category that a shop would sell with this crop; unknown where as much of another garment shows."""
    own = int((matte > 0).sum())
    others = int(np.isin(parts, (UPPER, LOWER, ONE_PIECE)).sum()) - own
    return CATEGORIES.index(figure.category) if own > 1.2 * others and own > 200 else UNKNOWN
