"""Hair that lies or falls as it grows: cropped, parted, falling, curled, shorn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.haircut import Haircut, rooted
from fashion_gen.body.head.scalp import Roots
from fashion_gen.body.head.strands import Comb, curled, finer, grow, waved
from fashion_gen.body.head.tress import drawn_together, ending_at, gathered, shades, strayed
from fashion_gen.body.lofts import Array, Mesh, unit

#: Strands of falling hair.
_FALLING = 1100
#: A parting ends at the crown: place z, share of the half depth.
_PART_ENDS = 0.12
#: Strands stay as broad as a pixel of a whole figure until shortly before their end; a lock's taper is in its strands' course.
_ENDS = {"tip": 0.40, "narrows": 0.75}


def cropped(job: Haircut) -> list[Mesh]:
    """Short at sides and back, longer on top, brushed up and aside from the forehead."""
    r = job.roots(1300, seed=1, edge=1.3)
    luck, lock = job.luck(1300, 1), gathered(r, 160)
    top = np.clip((r.place[:, 1] - 0.35) / 0.45, 0, 1)
    up = np.stack(
        [np.full(1300, -0.60) + 0.3 * (luck[0] - 0.5), 0.5 + 0.2 * luck[1], -0.45 + 0.45 * (luck[2] - 0.5)], 1
    )
    lie = np.stack([0 * top, np.full(1300, -1.0), np.full(1300, -0.55)], 1)
    comb = Comb(
        toward=unit(up * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(1300, 0.03),
        over=(0.28 + job.style.over * top * r.share) * (0.65 + 0.50 * luck[3]),
        hug=0.85,
        length=(1.5 + (job.style.length - 1.5) * top) * (0.75 + 0.5 * luck[1]) * (0.20 + 0.80 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=9)
    points = drawn_together(points, lock, 0.5 * luck[2])
    return [
        job.cap(),
        job.ribbons(
            points,
            (0.09 + 0.15 * luck[0]) * _short_of_skin(r),
            open_=rooted(points),
            colours=shades(job.colour, lock, luck[:2]),
            **_ENDS,
        ),
    ]


def parted(job: Haircut) -> list[Mesh]:
    """A side parting: the top swept over, the sides combed back."""
    r = job.roots(760, seed=2, edge=1.2)
    luck, lock = job.luck(760, 2), gathered(r, 90)
    top = np.clip((r.place[:, 1] - 0.30) / 0.4, 0, 1)
    side = _side(r.place, job.part or 0.0)
    swept = np.stack([side, 0.30 + 0.1 * luck[0], -0.55 + 0.35 * (luck[1] - 0.5)], 1)
    lie = np.stack([0.1 * side, np.full(760, -0.75), np.full(760, -0.70)], 1)
    comb = Comb(
        toward=unit(swept * top[:, None] + lie * (1 - top)[:, None]),
        weight=np.full(760, 0.05),
        over=(0.32 + job.style.over * top * r.share * np.where(side < 0, 1.0, 0.6)) * (0.65 + 0.50 * luck[3]),
        hug=0.85,
        length=(2.2 + (job.style.length - 2.2) * top) * (0.8 + 0.4 * luck[2]) * (0.20 + 0.80 * r.share),
    )
    points = grow(job.skull, r, comb, job.down, job.size[:2] * [0.7, 0.5], steps=11)
    points = drawn_together(points, lock, 0.6 * luck[2])
    return [
        job.cap(),
        job.ribbons(
            points,
            (0.10 + 0.22 * luck[0]) * _short_of_skin(r),
            open_=rooted(points),
            colours=shades(job.colour, lock, luck[:2]),
            **_ENDS,
        ),
    ]


def falling(job: Haircut) -> list[Mesh]:
    """Parted above the forehead and falling beside the face, behind the shoulders."""
    r = job.roots(_FALLING, seed=3, edge=1.6)
    luck, lock = job.luck(_FALLING, 3), gathered(r, 150)
    points = _fallen(job, r, luck, lock)
    points = drawn_together(points, lock, 0.75 * luck[1] ** 0.5)
    # Whatever its strands do on their way, a lock ends in a point.
    points = drawn_together(points, lock, 0.70 + 0.25 * luck[0], after=0.72)
    if job.style.wave:
        phase = 5.1 * lock + 0.9 * luck[2]
        points = waved(finer(points, 2), job.style.wave * (0.6 + 0.6 * luck[1]), 7.5, phase)
    points = _behind(job, _flared(job, points))
    if job.style.end is not None:
        # Each lock is cut at its height, and each strand of it a little otherwise.
        uneven = 0.8 * (np.modf(lock * 0.618)[0] - 0.5) + 0.4 * (luck[2] - 0.5)
        points = ending_at(points, (job.style.end + job.style.ragged * uneven) * job.size[1])
    # Locks on the parting have no side to fall to, before the crown; those of the first down would lie across the forehead.
    parting = (np.abs(_side(r.place, job.part or 0.0)) < 0.35) & (r.place[:, 2] > _PART_ENDS)
    # Lower layers, and those of the nape, are broad: nothing shows through.
    backing = 0.20 * (1 - luck[3]) ** 2 + 0.55 * (r.place[:, 2] < -0.25) * (r.place[:, 1] < 0.35)
    width = (0.12 + 0.30 * luck[0] ** 2 + backing) * ~parting * (r.share > 0.42)
    colours = shades(job.colour, lock, luck[:2])
    strays = np.flatnonzero((luck[3] > 0.975) & (width > 0))
    loose = strayed(points[strays], job.skull.middle, 0.2 + 0.6 * luck[0, strays], 6.3 * luck[1, strays])
    return [
        job.cap(open_=0.62),
        job.ribbons(points, width, open_=_deep(job, points, luck[3]), colours=colours, root=0.75, **_ENDS),
        job.fine(loose, colours[strays]),
    ]


def _fallen(job: Haircut, r: Roots, luck: Array, lock: NDArray[np.intp]) -> Array:
    """(N, S, 3) strands from a parting to both sides, over the crown's volume, then down."""
    style = job.style
    top = np.clip((r.place[:, 1] - 0.25) / 0.5, 0, 1)
    side = _side(r.place, job.part or 0.0)
    before = r.place[:, 2] > _PART_ENDS
    # Behind the parting's end hair whirls to all sides and closes the gap.
    side = np.where(before, side, 0.3 * side + 1.6 * (luck[1] - 0.5))
    # Over the forehead hair is led back, or it would hang into the face.
    front = np.clip((r.place[:, 2] - 0.35) / 0.35, 0, 1) * np.clip((r.place[:, 1] - 0.3) / 0.2, 0, 1)
    toward = np.stack([side * (0.35 + 0.65 * top), 0.25 * top - 0.6 * (1 - top) + 0.4 * front, -0.35 - 0.60 * front], 1)
    comb = Comb(
        toward=unit(toward + 0.22 * (luck[:3].T - 0.5)),
        weight=0.10 + 0.05 * luck[2],
        over=style.over * (0.55 + 0.45 * luck[3]) * (0.5 + 0.5 * r.share),
        length=style.length * (0.80 + 0.14 * np.modf(lock * 0.618)[0] + 0.06 * luck[0]),
        hug=0.8,
        # Flat beside the parting, full behind its end.
        rise=np.where(before, 4.0, 0.6),
    )
    return grow(job.skull, r, comb, job.down, job.size[:2] * [0.80, 0.64], steps=26)


def curls(job: Haircut) -> list[Mesh]:
    """Short helices in all directions over a rough cap."""
    return [job.cap(rough=0.5, open_=0.55), _springs(job, 1250, radius=0.34, seed=5)]


def afro(job: Haircut) -> list[Mesh]:
    """A sphere of fine curls: the cap is its body, curls are its skin."""
    return [job.cap(rough=0.9, open_=0.6), _springs(job, 1300, radius=0.26, seed=6)]


def buzz(job: Haircut) -> list[Mesh]:
    return [job.cap(open_=0.95)]


def _springs(job: Haircut, count: int, *, radius: float, seed: int) -> Mesh:
    r = job.roots(count, seed=seed, edge=0.3)
    luck = job.luck(count, seed)
    # Curls stand on the cap; where it is thin, at the hairline, they are small.
    grown = np.clip(1.3 * r.share - 0.15, 0.05, 1) ** 0.7 * np.clip(1.9 + 1.6 * r.place[:, 1], 0.2, 1)
    away = unit(r.points - job.skull.middle)
    out = unit(r.normals + 0.8 * away + 1.3 * (luck[:3].T - 0.5))
    start = r.points + away * (job.style.cap * 0.92 * grown)[:, None]
    length = job.style.length * (0.65 + 0.50 * luck[3]) * (0.35 + 0.65 * grown)
    points = curled(start, out, length * 0.75, radius * (0.6 + 0.8 * luck[0]), length * 0.62, 6.3 * luck[1])
    colours = shades(job.colour, gathered(r, 200), luck[1:3])
    # On the line itself a curl would be a bead on bare skin.
    width = (0.10 + 0.09 * luck[2]) * (r.share > 0.06)
    return job.ribbons(points, width, open_=rooted(points), colours=colours)


def _short_of_skin(r: Roots) -> Array:
    """(N,) 0 to 1: strands on the hairline itself are the cap's; a single lock on bare skin looks like a bead."""
    return np.asarray(np.clip(2.0 * r.share - 1.0, 0, 1))


def _side(place: Array, part: float) -> Array:
    """(N,) -1 to 1: to which side of the parting hair goes."""
    return np.asarray(np.tanh((place[:, 0] - part) / 0.05))


def _flared(job: Haircut, points: Array) -> Array:
    """Below the ears hair spreads over the shoulders or comes in toward the neck, as its style has it."""
    low = np.clip((-0.10 * job.size[1] - points[..., 1]) / (1.3 * job.size[1]), 0, 1)
    return np.asarray(
        points * np.stack([1 + job.style.flare * low * (2 - low), np.ones_like(low), np.ones_like(low)], axis=-1)
    )


def _behind(job: Haircut, points: Array) -> Array:
    """Long hair lies behind the shoulders: the garment of a look is laid over everything that is before them."""
    frame, chest = job.stand.frame, job.body.frames["chest"]
    right, up, front = (frame.T @ chest[:, k] for k in range(3))
    away = points - frame.T @ (job.body.joints["neck"] - job.stand.centre)
    high, ahead, beside = away @ up, away @ front, away @ right
    t = np.clip((3.0 - high) / 7.0, 0, 1)
    limit = -4.0 - 0.30 * np.clip(-high, 0, 14) + 0 * beside
    back = np.clip(ahead - limit, 0, None) * t * t * (3 - 2 * t)
    return np.asarray(points - back[..., None] * front)


def _deep(job: Haircut, points: Array, layer: Array) -> Array:
    """(N, S) how open falling hair is: less at its roots, in its lower layers (`layer` (N,) 0) and around the neck."""
    along = np.linspace(0, job.style.length, points.shape[1])
    around = np.hypot(points[..., 0] / job.size[0], points[..., 2] / job.size[2])
    neck = np.clip((-0.55 * job.size[1] - points[..., 1]) / 8, 0, 1) * np.clip(1.25 - around, 0, 1)
    outer = 0.62 + 0.38 * layer[:, None]
    return np.asarray((0.60 + 0.40 * np.clip(along / 4.0, 0, 1)) * outer * (1 - 0.65 * neck))
