"""Locks of hair: how they grow over a skull and fall, and the ribbons that they are drawn as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from fashion_gen.body.head.scalp import Roots, Skull
from fashion_gen.body.head.stand import Stand
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour

#: Halfway between the key light (skin.py) and the viewer.
_HALF = unit(np.array([-0.26, 0.28, 0.92]))
#: Local x of a ribbon is its own number times this, plus -1 to 1 across it.
LOCK = 4.0


@dataclass(frozen=True, eq=False)
class Locks:
    """N locks of S points each, in the head's rest frame."""

    points: Array  #: (N, S, 3) cm
    normals: Array  #: (N, S, 3) away from the head
    width: Array  #: (N,) half widths at the root, cm
    keep: Array | None = None  #: (N, S) drawn where >= 0
    root: float = 0.25  #: half width where it starts, as a share of the widest
    tip: float = 0.12  #: and of the end
    narrows: float = 0.55  #: from which share of its length on it does so
    facing: Array | None = None  #: (N, S, 3) where its flat side shows; else as `normals`, by which it is lit


@dataclass(frozen=True, eq=False)
class Comb:
    """How locks are led.

    `toward` (N, 3) is where they set out for, along the scalp; `weight` (N,) how soon gravity has its way, per cm;
    `over` (N,) how far they lie over the skin, cm; `length` (N,) cm.
    """

    toward: Array
    weight: Array
    over: Array
    length: Array
    hug: float = 0.0  #: 1 for hair that never stands off further than `over`
    rise: Array | None = (
        None  #: (N,) cm from the root in which it comes to lie `over` the skin; else a share of its length
    )


def grow(skull: Skull, roots: Roots, comb: Comb, down: Array, face: Array, *, steps: int = 14) -> Array:
    """(N, S, 3) strands from `roots`: combed along the scalp, then falling `down` (3,), never into skull or face.

    `face` are the half axes (2,) in cm of the ellipse that hair leaves free before the head.
    """
    points = [roots.points - 0.03 * roots.normals]
    along = comb.toward - (comb.toward * roots.normals).sum(axis=1, keepdims=True) * roots.normals
    # Where a root points straight at its goal nothing is left along the scalp: it falls, it does not stand up.
    heading = unit(along + 0.35 * np.linalg.norm(along, axis=1, keepdims=True) * roots.normals + 0.05 * down)
    stride = comb.length / (steps - 1)
    at = roots.points
    for step in range(1, steps):
        fall = np.clip(comb.weight * stride, 0, 0.8)[:, None]
        heading = unit(heading * (1 - fall) + down * fall)
        goal = at + heading * stride[:, None]
        soon = step / (0.22 * steps) if comb.rise is None else 0.15 + step * stride / comb.rise
        lifted = comb.over * np.minimum(1.0, soon)
        goal = _beside_face(skull.outside(goal, lifted, hug=comb.hug * np.clip((at[:, 1] + 5) / 5, 0, 1)), face)
        moved = goal - at
        heading = unit(0.5 * heading + 0.5 * unit(moved))
        at = at + unit(moved) * np.minimum(np.linalg.norm(moved, axis=1), 1.6 * stride)[:, None]
        points.append(at)
    return np.stack(points, axis=1)


def _beside_face(points: Array, face: Array) -> Array:
    """Points before the face moved aside to its outline."""
    out = points.copy()
    middle = -0.10 * face[1]
    high = (points[:, 1] - middle) / face[1]
    edge = face[0] * np.sqrt(np.clip(1 - high**2, 0, 1))
    inside = (points[:, 2] > 1.5) & (np.abs(points[:, 0]) < edge)
    side = np.where(points[:, 0] < 0, -1.0, 1.0)
    out[inside, 0] = (side * edge)[inside]
    return out


def drawn_to(
    skull: Skull, roots: Roots, knot: Array, over: Array, *, past: Array | None = None, steps: int = 12
) -> Array:
    """(N, S, 3) strands that lie on the skull from their roots to `knot` (3,) or (N, 3), where they are tied.

    `past` (N, 3) is a point toward which they bow on their way.
    """
    start, stop = unit(roots.points - skull.middle), unit(np.broadcast_to(knot - skull.middle, roots.points.shape))
    bow = unit(start + stop + 1e-3) if past is None else unit(past - skull.middle)
    t = np.linspace(0, 1, steps)[None, :, None]
    direction = unit((1 - t) ** 2 * start[:, None] + 1.6 * t * (1 - t) * bow[:, None] + t**2 * stop[:, None])
    direction = direction.reshape(-1, 3)
    t = t.ravel()
    lift = np.clip(t * 6, 0, 1)[None, :] * over[:, None] - 0.02 * (t == 0)[None, :]
    distance = skull.radius(direction).reshape(len(start), steps) + lift
    lying = skull.middle + direction.reshape(len(start), steps, 3) * distance[..., None]
    # The last part leaves the head for the knot itself.
    near = np.clip((t - 0.75) / 0.25, 0, 1)[None, :, None] ** 2
    return np.asarray(lying * (1 - near) + np.broadcast_to(knot, roots.points.shape)[:, None] * near)


def waved(points: Array, amount: Array, length: float, phase: Array) -> Array:
    """Strands with a sideways ripple that grows along them: (N,) cm, one wave per `length` cm."""
    along = _arc(points)
    grown = amount[:, None] * np.clip(along / 9.0, 0, 1)
    turn = 2 * np.pi * along / length + phase[:, None]
    tangent = unit(np.gradient(points, axis=1))
    out = unit(points * [1, 0.15, 1])
    side = unit(np.cross(tangent, out))
    return np.asarray(points + (grown * np.sin(turn))[..., None] * side + (0.5 * grown * np.cos(turn))[..., None] * out)


def finer(points: Array, times: int) -> Array:
    """Strands with `times` as many points, along the same curve."""
    steps = points.shape[1]
    curve = CubicSpline(np.arange(steps), points, axis=1)
    return np.asarray(curve(np.linspace(0, steps - 1, (steps - 1) * times + 1)))


def curled(
    starts: Array, axes: Array, length: Array, radius: Array, turns: Array, phase: Array, *, steps: int = 13
) -> Array:
    """(N, S, 3) helices from `starts` along unit `axes`."""
    side = unit(np.cross(axes, np.array([0.31, 0.86, -0.4])))
    other = np.cross(axes, side)
    t = np.linspace(0, 1, steps)
    turn = 2 * np.pi * turns[:, None] * t + phase[:, None]
    wide = radius[:, None] * np.clip(t * 4, 0, 1)
    return np.asarray(
        starts[:, None]
        + (t * length[:, None])[..., None] * axes[:, None]
        + (wide * np.cos(turn))[..., None] * side[:, None]
        + (wide * np.sin(turn))[..., None] * other[:, None]
    )


def _arc(points: Array) -> Array:
    """(N, S) cm along each strand."""
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
    return np.concatenate([np.zeros((len(points), 1)), np.cumsum(steps, axis=1)], axis=1)


def outward(points: Array, middle: Array) -> Array:
    """(N, S, 3) away from the head's axis and, above its middle, from its centre."""
    away = points - middle
    away[..., 1] = np.maximum(away[..., 1], 0)
    return unit(away)


def ribbons(locks: Locks, stand: Stand, colour: Colour | Array, *, seed: int = 0, open_: float | Array = 1.0) -> Mesh:
    """Locks as strips that face away from the head, of one `colour` (3,) or each of its own (N, 3).

    Local: x the lock's number and place across it (LOCK), y cm along it, z how much of the key light it mirrors. Normals
    bend over the strip as over a round lock; their length is `open_`, (N, S) or one for all, as on a head (model.py).
    """
    points, count, steps = locks.points, *locks.points.shape[:2]
    tangent = unit(np.gradient(points, axis=1))
    flat = side = unit(np.cross(tangent, locks.normals))
    if locks.facing is not None:
        flat = unit(np.cross(tangent, locks.facing))
    t = np.linspace(0, 1, steps)
    pointed = 1 - (1 - locks.tip) * (np.clip(t - locks.narrows, 0, 1) / (1 - locks.narrows)) ** 1.6
    taper = np.clip(locks.root + t / 0.20, 0, 1) * pointed
    half = locks.width[:, None] * taper
    edges = np.stack([points - flat * half[..., None], points + flat * half[..., None]], axis=2)
    face = unit(np.cross(side, tangent))
    face *= np.where((face * locks.normals).sum(axis=2, keepdims=True) < 0, -1, 1)
    bend = np.stack([face - 0.38 * side, face + 0.38 * side], axis=2)
    rng = np.random.default_rng(seed + 77)
    shade: Array = np.asarray(rng.uniform(0.90, 1.08, count))
    tints = np.asarray(colour) * shade[:, None]
    normals = unit(bend) * (np.broadcast_to(open_, (count, steps))[:, :, None, None])
    mirrored = np.repeat(_highlight(stand.turn(tangent), shade)[..., None], 2, axis=2)
    number = np.broadcast_to(np.arange(count)[:, None, None] * LOCK, (count, steps, 1))
    local = np.stack(
        [number + np.array([-1.0, 1.0]), np.repeat(_arc(points)[..., None], 2, axis=2), mirrored],
        axis=-1,
    )
    a = (np.arange(count)[:, None] * steps + np.arange(steps - 1)).ravel() * 2
    triangles = np.concatenate([np.stack([a, a + 1, a + 2], 1), np.stack([a + 1, a + 3, a + 2], 1)])
    keep = np.ones((count, steps)) if locks.keep is None else locks.keep
    return Mesh(
        points=stand.place(edges.reshape(-1, 3)),
        normals=stand.turn(normals.reshape(-1, 3)),
        local=local.reshape(-1, 3),
        keep=np.repeat(keep[..., None], 2, axis=2).reshape(-1),
        triangles=triangles.astype(np.int32),
        part=np.full(len(triangles), int(Part.HAIR), np.uint8),
        colour=np.clip(np.tile(np.repeat(tints, steps - 1, axis=0), (2, 1)), 0, 1),
    )


def _highlight(tangent: Array, shade: Array) -> Array:
    """(N, S) the ring of light on hair: strands mirror in cones around themselves (Kajiya and Kay 1989)."""
    # Each lock's scales stand at a slightly other angle, which frays the ring.
    along = tangent @ _HALF + (shade[:, None] - 1.0) * 0.9 - 0.05
    return np.asarray(np.clip(1 - along**2, 0, 1) ** 14)
