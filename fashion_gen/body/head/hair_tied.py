"""Hair that is tied: a ponytail, a bun, braids."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.head.haircut import Haircut
from fashion_gen.body.head.strands import Locks, drawn_to, ribbons, waved
from fashion_gen.body.head.tress import drawn_together, ending_at, gathered, shades, strayed
from fashion_gen.body.lofts import Array, Mesh, unit


def ponytail(job: Haircut) -> list[Mesh]:
    """Tied high at the back; the tail swings to one side, where the viewer sees it beside the neck."""
    knot = job.size * [0.10, 0.52, -1.10]
    count, luck = 260, job.luck(260, 8)
    t = np.linspace(0, 1, 25)
    spine = np.stack(
        [
            knot[0] + 9.0 * np.sin(1.5 * t),
            knot[1] + 3.0 * np.sin(np.pi * t) - 32 * t**1.4,
            knot[2] - 2.5 * np.sin(np.pi * t) + 4.0 * t,
        ],
        1,
    )
    swell = 0.8 + 2.9 * np.sin(np.pi * np.clip(t, 0, 1) ** 0.65) ** 0.9
    turn, far = 2 * np.pi * luck[0], np.sqrt(luck[1])
    spread = np.stack([np.cos(turn) * far, np.zeros(count), np.sin(turn) * far * 0.8], 1)
    points = spine + spread[:, None] * swell[None, :, None]
    # Six locks of its own hang in the tail; each waves as one and ends where it likes.
    lock = (turn * 6 / (2 * np.pi)).astype(np.intp)
    points = drawn_together(points, lock, 0.55 * luck[3])
    points = waved(points, 0.35 + 0.45 * luck[2], 13.0, 2.1 * lock + 1.2 * luck[3])
    points = ending_at(points, knot[1] - 32 + 13 * luck[2] ** 2)
    away = unit(spread)[:, None] * np.ones((1, 25, 1)) + [0, 0, 0.4]
    colours = shades(job.colour, lock, luck[2:])
    locks = Locks(points, unit(away), 0.13 + 0.24 * luck[3] ** 2, tip=0.4, narrows=0.75)
    depth = np.broadcast_to((0.50 + 0.50 * far)[:, None], points.shape[:2])
    strays = strayed(points[::20], spine.mean(axis=0), 0.2 + 0.4 * luck[3, ::20], 6.3 * luck[2, ::20])
    tail = ribbons(locks, job.stand, colours, open_=depth)
    return [job.cap(), _tied(job, knot, 7), tail, job.fine(strays, colours[::20])]


def bun(job: Haircut) -> list[Mesh]:
    """Everything drawn up to a coil on the crown."""
    knot = job.size * [0.0, 0.98, -0.42]
    centre, luck = job.size * [0.0, 1.10, -0.44], job.luck(90, 9)
    t = np.linspace(0, 1, 20)
    turn = 2 * np.pi * (luck[0][:, None] + (0.5 + 0.4 * luck[1])[:, None] * t)
    rise = np.arcsin(2 * luck[2] - 1)[:, None] * 0.9 + 0.35 * np.sin(np.pi * t + 6.3 * luck[3][:, None])
    ball = np.stack([np.cos(rise) * np.cos(turn), 0.80 * np.sin(rise), np.cos(rise) * np.sin(turn)], -1)
    points = centre + ball * (3.0 + 0.25 * luck[3])[:, None, None]
    locks = Locks(points, unit(ball), 0.40 + 0.2 * luck[1], tip=0.6)
    coil = ribbons(locks, job.stand, shades(job.colour, (luck[0] * 12).astype(np.intp), luck[1:3]))
    return [job.cap(), _tied(job, knot, 7), coil]


def braids(job: Haircut) -> list[Mesh]:
    """Parted in the middle and plaited from behind the ears, over the front of the shoulders."""
    side = np.where(job.roots(950, seed=7).place[:, :1] < 0, -1.0, 1.0)
    knots = side * job.size * [0.76, 0, 0] + job.size * [0.0, -0.46, -0.40]
    past = side * job.size * [0.85, 0, 0] + job.size * [0.0, 0.62, -0.30]
    return [job.cap(), _tied(job, knots, 7, past=past), *(_plait(job, side) for side in (-1.0, 1.0))]


def _plait(job: Haircut, side: float) -> Mesh:
    """Three strands that cross over one another along a hanging line."""
    root = job.size * [0.76 * side, -0.46, -0.40]
    line = root + np.array([[0, 0, 0], [1.5, -5, 1.5], [2.4, -11, 6.0], [1.6, -19, 10.5], [0.9, -28, 12.0]]) * [
        side,
        1,
        1,
    ]
    t = np.linspace(0, 1, 46)
    knots = np.linspace(0, 1, len(line))
    spine = PchipInterpolator(knots, line)(t)
    size = np.interp(t, [0, 0.12, 0.8, 0.95, 1], [0.8, 1.15, 0.95, 0.7, 0.35])
    points, away, widths = [], [], []
    for strand in range(3):
        turn = 2 * np.pi * (t * 6.5 + strand / 3)
        middle = spine + np.stack([np.sin(turn) * 0.85 * size, 0 * t, np.sin(2 * turn) * 0.5 * size], 1)
        for across in np.linspace(0, 2 * np.pi, 7)[:-1]:
            out = np.stack([np.cos(across) + 0 * t, 0 * t, np.sin(across) + 0 * t], 1)
            points.append(middle + out * (0.62 * size)[:, None])
            away.append(out)
            widths.append(0.50)
    locks = Locks(np.stack(points), np.stack(away), np.array(widths), root=1.0, tip=0.3)
    return ribbons(locks, job.stand, job.colour, seed=int(side > 0))


def _tied(job: Haircut, knot: Array, seed: int, *, count: int = 950, past: Array | None = None) -> Mesh:
    """Hair drawn smoothly over the skull to `knot` (3,) or, for each root, (N, 3)."""
    r = job.roots(count, seed=seed)
    luck = job.luck(count, seed)
    over = job.style.over * (0.6 + 0.6 * luck[3]) * (0.45 + 0.55 * r.share)
    points = drawn_to(job.skull, r, knot, over, past=past)
    t = np.linspace(0, 1, points.shape[1])
    open_ = np.broadcast_to(1 - 0.35 * np.clip((t - 0.8) / 0.2, 0, 1), points.shape[:2])
    # The short hair before the ears is not long enough to be tied.
    long = (r.place[:, 1] > 0.10) | (r.place[:, 2] < -0.12)
    # What grows on the hairline is single hairs, the cap's: locks begin behind them, each where it likes.
    long = long & (r.share > 0.30 + 0.35 * luck[1])
    colours = shades(job.colour, gathered(r, 120), luck[:2])
    return job.ribbons(points, (0.08 + 0.20 * luck[0]) * long, open_=open_, colours=colours, root=0.1, tip=0.6)
