"""A hijab: one cloth over the head, drawn close under the chin, in folds on the shoulders."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.head.model import Head
from fashion_gen.body.head.scalp import skull_of
from fashion_gen.body.head.stand import Stand
from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.parts import Part
from fashion_gen.body.solids import Colour

VEIL_COLOUR: Colour = (0.42, 0.46, 0.52)
_RINGS, _TURNS = 64, 96
#: The lowest ring, share of the half height below the middle of the head.
_HEM = -2.15


def veil(body: PosedBody, head: Head) -> list[Mesh]:
    """The cloth on a posed head; its hem follows the chest, not the head."""
    size, stand = np.array(body.figure.head), Stand.of(body)
    level = np.concatenate([np.linspace(1.10, 0.90, 9)[:-1], np.linspace(0.90, _HEM, _RINGS - 8)])
    turn = np.linspace(0, 2 * np.pi, _TURNS + 1)
    rest = _cloth(head, size, level, turn)
    points = stand.place(rest.reshape(-1, 3)).reshape(rest.shape)
    points = _on_shoulders(body, points, level)
    edge = _opening(rest, size)
    # The hem around the face is doubled: a soft shade, then the light on its fold.
    normals, open_ = _normals(points), _open(level, turn) * (0.72 + 0.28 * np.clip(edge / 0.09, 0, 1))
    a = (np.arange(_RINGS - 1)[:, None] * (_TURNS + 1) + np.arange(_TURNS)).ravel()
    below = a + _TURNS + 1
    triangles = np.concatenate([np.stack([a, below, a + 1], 1), np.stack([a + 1, below, below + 1], 1)])
    count = len(triangles)
    return [
        Mesh(
            points=points.reshape(-1, 3),
            normals=(normals * open_[..., None]).reshape(-1, 3),
            local=np.stack(
                [np.broadcast_to(turn, open_.shape), np.broadcast_to(level[:, None], open_.shape), 0 * open_], -1
            ).reshape(-1, 3),
            keep=edge.reshape(-1),
            triangles=triangles.astype(np.int32),
            part=np.full(count, int(Part.HAIR), np.uint8),
            colour=np.broadcast_to(np.asarray(VEIL_COLOUR), (count, 3)),
        )
    ]


def _cloth(head: Head, size: Array, level: Array, turn: Array) -> Array:
    """(RINGS, TURNS + 1, 3) at rest: over the skull, under the chin, widening below; folds grow downwards."""
    y, u = np.meshgrid(level * size[1], turn, indexing="ij")
    v = y / size[1]
    outward = np.stack([np.sin(u), 0 * u, np.cos(u)], axis=-1)
    skull = skull_of(head)
    # On the head: as far out as the skull is at this height, found from inside along the ring.
    crown = np.sqrt(np.clip(1 - np.clip((v - 0.1) / 1.0, 0, 1) ** 2.3, 0, 1))
    oval = (size[0] * 1.15, size[2] * 1.10)
    front = np.where(np.cos(u) > 0, 0.98 - 0.10 * np.clip(-v, 0, 1), 1.0 - 0.12 * np.clip(-v, 0, 1))
    wide = 1 / np.hypot(np.sin(u) / oval[0], np.cos(u) / (oval[1] * front)) * np.maximum(crown, 0.02)
    wide = wide * (1 - 0.16 * np.clip((-0.25 - v) / 0.6, 0, 1) * np.abs(np.sin(u)))
    # Below the chin: round the neck, then out over the shoulders.
    fall = np.clip((-1.0 - v) / (-1.0 - _HEM), 0, 1)
    neck = 1 / np.hypot(np.sin(u) / (size[0] * (1.0 + 1.15 * fall**1.6)), np.cos(u) / (size[2] * (0.86 + 0.35 * fall)))
    t = np.clip((-0.80 - v) / 0.35, 0, 1)
    t = t * t * (3 - 2 * t)
    radius = wide * (1 - t) + neck * t
    folds = np.sin(u * 5 + 2.2 * v + 0.8 * np.sin(3 * v)) + 0.6 * np.sin(u * 9 - 3.0 * v)
    radius = radius + (0.10 + 0.55 * np.clip(-0.6 - v, 0, 1)) * folds * np.clip(0.95 - v, 0, 1)
    # Long drapes that hang from one side of the chin to the other.
    swag = np.sin(v * 17 + 1.4 * np.cos(u) ** 2 * 3) * np.clip((-0.95 - v) / 0.2, 0, 1) * np.clip(np.cos(u), 0, 1)
    points = outward * (radius + 0.45 * swag)[..., None]
    points[..., 1] = y
    points[..., 2] += size[2] * (-0.06 + 0.16 * t)
    flat = points.reshape(-1, 3)
    above = flat[:, 1] > -0.75 * size[1]
    flat[above] = skull.outside(flat[above], np.full(int(above.sum()), 0.45))
    return np.asarray(points)


def _opening(rest: Array, size: Array) -> Array:
    """(RINGS, TURNS + 1) negative over the face."""
    x, y = rest[..., 0] / size[0], rest[..., 1] / size[1]
    oval = np.hypot(x / 0.82, (y + 0.23) / np.where(y > -0.23, 0.73, 0.80)) - 1
    return np.asarray(np.where(rest[..., 2] > 0, oval, 1.0))


def _open(level: Array, turn: Array) -> Array:
    """(RINGS, TURNS + 1) how open the cloth is to light: less under the chin."""
    v, u = np.meshgrid(level, turn, indexing="ij")
    chin = np.exp(-(((v + 1.12) / 0.16) ** 2)) * np.clip(np.cos(u), 0, 1)
    return np.asarray(0.95 - 0.35 * chin)


def _on_shoulders(body: PosedBody, points: Array, level: Array) -> Array:
    """The lower rings stay with the chest when the head turns."""
    share = np.clip((-1.25 - level) / 0.6, 0, 1)[:, None, None]
    stand, chest = Stand.of(body), body.frames["chest"]
    still = stand.centre + (points - stand.centre) @ stand.frame @ chest.T
    return np.asarray(points * (1 - share) + still * share)


def _normals(grid: Array) -> Array:
    """(RINGS, TURNS + 1, 3) unit, closed around."""
    around = np.gradient(grid, axis=1)
    around[:, 0] = around[:, -1] = grid[:, 1] - grid[:, -2]
    return unit(np.cross(np.gradient(grid, axis=0), around))
