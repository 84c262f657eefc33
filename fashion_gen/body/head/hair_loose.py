"""Hair that lies or falls as it grows: cropped, parted, falling, curled, shorn."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.head.haircut import Haircut, luck_of, rooted
from fashion_gen.body.head.scalp import roots
from fashion_gen.body.head.strands import Comb, curled, finer, grow, waved
from fashion_gen.body.lofts import Array, Mesh, unit


def cropped(job: Haircut) -> list[Mesh]:
    """Short at sides and back, longer on top, brushed up and aside from the forehead."""
    r = roots(job.head, 1300, seed=1, edge=1.3)
    luck = luck_of(1300, 1)
    top = np.clip((r.place[:, 1] - 0.35) / 0.45, 0, 1)
    up = np.stack(
        [np.full(1300, -0.60) + 0.3 * (luck[0] - 0.5), 0.5 + 0.2 * luck[1], -0.45 + 0.45 * (luck[2] - 0.5)], 1
    )
    lie = np.stack([0 * top, np.full(1300, -1.0), np.full(1300, -0.55)], 1)
    comb = Comb(
        toward=unit(up * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(1300, 0.03),
        over=(0.18 + job.style.over * top) * (0.65 + 0.50 * luck[3]),
        hug=0.85,
        length=(1.5 + (job.style.length - 1.5) * top) * (0.75 + 0.5 * luck[1]) * (0.20 + 0.80 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=9)
    return [
        job.cap(),
        job.ribbons(points, 0.10 + 0.14 * luck[0] * np.clip(1.5 * r.share - 0.2, 0.05, 1), open_=rooted(points)),
    ]


def parted(job: Haircut) -> list[Mesh]:
    """A side parting: the top swept over, the sides combed back."""
    r = roots(job.head, 760, seed=2, edge=1.2)
    luck = luck_of(760, 2)
    top = np.clip((r.place[:, 1] - 0.30) / 0.4, 0, 1)
    side = _side(r.place, job.style.part or 0.0)
    swept = np.stack([side, 0.30 + 0.1 * luck[0], -0.55 + 0.35 * (luck[1] - 0.5)], 1)
    lie = np.stack([0.1 * side, np.full(760, -0.75), np.full(760, -0.70)], 1)
    comb = Comb(
        toward=unit(swept * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(760, 0.05),
        over=(0.22 + job.style.over * top * np.where(side < 0, 1.0, 0.6)) * (0.65 + 0.50 * luck[3]),
        hug=0.85,
        length=(2.2 + (job.style.length - 2.2) * top) * (0.8 + 0.4 * luck[2]) * (0.20 + 0.80 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=11)
    return [
        job.cap(),
        job.ribbons(points, 0.16 + 0.20 * luck[0] * np.clip(1.5 * r.share - 0.2, 0.05, 1), open_=rooted(points)),
    ]


def falling(job: Haircut) -> list[Mesh]:
    """Parted above the forehead and falling beside the face, behind the shoulders."""
    count, style = 820, job.style
    r = roots(job.head, count, seed=3, edge=0.8)
    luck = luck_of(count, 3)
    top = np.clip((r.place[:, 1] - 0.25) / 0.5, 0, 1)
    side = _side(r.place, style.part or 0.0)
    # Over the forehead hair is led back, or it would hang into the face.
    front = np.clip((r.place[:, 2] - 0.45) / 0.35, 0, 1) * np.clip((r.place[:, 1] - 0.3) / 0.2, 0, 1)
    toward = np.stack([side * (0.35 + 0.65 * top), 0.20 * top - 0.6 * (1 - top) + 0.3 * front, -0.30 - 0.75 * front], 1)
    comb = Comb(
        toward=unit(toward + 0.12 * (luck[:3].T - 0.5)),
        weight=np.full(count, 0.13),
        over=style.over * (0.45 + 0.55 * luck[3]) * (0.45 + 0.55 * r.share),
        length=np.full(count, style.length) * (0.86 + 0.14 * luck[0]),
        hug=0.8,
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.80, 0.64], steps=15)
    if style.wave:
        points = waved(finer(points, 2), style.wave * (0.6 + 0.7 * luck[1]), 7.5, 2.2 * luck[2] + 9 * r.place[:, 0])
    points = _behind(job, _turned_in(job, points))
    # Locks on the parting have no side to fall to; those of the hairline would lie across the forehead.
    width = (0.17 + 0.30 * luck[0]) * (np.abs(side) > 0.6) * ((r.share > 0.5) | (front < 0.2))
    keep = None
    if style.end is not None:
        keep = points[..., 1] - (style.end + 0.07 * (luck[2] - 0.5))[:, None] * job.size[1]
    return [
        job.cap(),
        job.ribbons(points, width, open_=_deep(job, points), keep=keep),
    ]


def curls(job: Haircut) -> list[Mesh]:
    """Short helices in all directions over a rough cap."""
    return [job.cap(rough=0.5, open_=0.55), _springs(job, 1250, radius=0.34, seed=5)]


def afro(job: Haircut) -> list[Mesh]:
    """A sphere of fine curls: the cap is its body, curls are its skin."""
    return [job.cap(rough=0.9, open_=0.6), _springs(job, 1300, radius=0.26, seed=6)]


def buzz(job: Haircut) -> list[Mesh]:
    return [job.cap(open_=0.95)]


def _springs(job: Haircut, count: int, *, radius: float, seed: int) -> Mesh:
    r = roots(job.head, count, seed=seed, edge=0.3)
    luck = luck_of(count, seed)
    # Curls stand on the cap; where it is thin, at the hairline, they are small.
    grown = np.clip(1.3 * r.share - 0.15, 0.05, 1) ** 0.7 * np.clip(1.9 + 1.6 * r.place[:, 1], 0.2, 1)
    away = unit(r.points - job.skull.middle)
    out = unit(r.normals + 0.8 * away + 1.3 * (luck[:3].T - 0.5))
    start = r.points + away * (job.style.cap * 0.92 * grown)[:, None]
    length = job.style.length * (0.65 + 0.50 * luck[3]) * (0.35 + 0.65 * grown)
    points = curled(start, out, length * 0.75, radius * (0.6 + 0.8 * luck[0]), length * 0.62, 6.3 * luck[1])
    return job.ribbons(points, 0.10 + 0.09 * luck[2], open_=rooted(points))


def _side(place: Array, part: float) -> Array:
    """(N,) -1 to 1: to which side of the parting hair goes."""
    return np.asarray(np.tanh((place[:, 0] - part) / 0.05))


def _turned_in(job: Haircut, points: Array) -> Array:
    """Below the ears hair comes in toward the neck instead of hanging off the head's widest part."""
    low = np.clip((-0.15 * job.size[1] - points[..., 1]) / (0.9 * job.size[1]), 0, 1)
    return np.asarray(points * np.stack([1 - 0.20 * low, np.ones_like(low), np.ones_like(low)], axis=-1))


def _behind(job: Haircut, points: Array) -> Array:
    """Long hair lies behind the shoulders: the garment of a look is laid over everything that is before them."""
    frame, chest = job.stand.frame, job.body.frames["chest"]
    right, up, front = (frame.T @ chest[:, k] for k in range(3))
    away = points - frame.T @ (job.body.joints["neck"] - job.stand.centre)
    high, ahead, beside = away @ up, away @ front, away @ right
    t = np.clip((3.0 - high) / 7.0, 0, 1)
    limit = -5.0 - 0.30 * np.clip(-high, 0, 14) + 0 * beside
    back = np.clip(ahead - limit, 0, None) * t * t * (3 - 2 * t)
    return np.asarray(points - back[..., None] * front)


def _deep(job: Haircut, points: Array) -> Array:
    """(N, S) how open falling hair is: darker at roots and where it hangs around the neck."""
    t = np.linspace(0, 1, points.shape[1])
    around = np.hypot(points[..., 0] / job.size[0], points[..., 2] / job.size[2])
    neck = np.clip((-0.55 * job.size[1] - points[..., 1]) / 8, 0, 1) * np.clip(1.25 - around, 0, 1)
    return np.asarray((0.72 + 0.28 * np.clip(t / 0.15, 0, 1)) * (1 - 0.65 * neck))
