"""Linear blend skinning: world-axis rotations per bone move the body and whatever hangs on it.

Rest pose: arms about 50 degrees below the horizontal, elbows bent some 60 degrees forward, legs a little apart.
A rotation is given in body axes (X to the viewer's right, Y up, Z to the viewer) about the bone's head in the rest
pose, before the parents' rotations. Useful bones: root, spine05 (hips) ... spine01 (chest), neck01-03, head,
clavicle.L, shoulder01.L, upperarm01.L, lowerarm01.L, wrist.L, finger1-1.L (thumb) ... finger5-3.L, upperleg01.L,
lowerleg01.L, foot.L, jaw, eye.L; ".R" on the other side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.pack import BodyData, Fitted, Shell
from training.people.anatomy import Vertices

Rotations = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Posed:
    """A body in a pose. The origin is the midpoint of the hip joints."""

    data: BodyData
    rest: Vertices  #: (V, 3) cm, as `shape` gave it
    matrices: NDArray[np.float32]  #: (V, 12) rows of the 3x4 matrix that moves each rest vertex
    vertices: Vertices  #: (V, 3) cm, posed
    joints: Mapping[str, NDArray[np.float64]]  #: cm, posed


def rotation(axis: tuple[float, float, float] | NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Right-handed rotation about an axis."""
    a = np.asarray(axis, float)
    a = a / np.linalg.norm(a)
    t = np.deg2rad(degrees)
    k = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    return np.asarray(np.eye(3) + np.sin(t) * k + (1 - np.cos(t)) * k @ k)


@njit(cache=True)
def _blend(starts, bones, values, bone_matrices):  # type: ignore[no-untyped-def]
    out = np.zeros((starts.shape[0] - 1, 12), np.float32)
    for v in range(out.shape[0]):
        for k in range(starts[v], starts[v + 1]):
            b = bones[k]
            for j in range(12):
                out[v, j] += values[k] * bone_matrices[b, j]
    return out


@njit(cache=True)
def apply(matrices, points):  # type: ignore[no-untyped-def]
    """Move (N, 3) points by (N, 12) matrices."""
    out = np.empty_like(points)
    for v in range(points.shape[0]):
        x, y, z = points[v, 0], points[v, 1], points[v, 2]
        for r in range(3):
            m = 4 * r
            out[v, r] = matrices[v, m] * x + matrices[v, m + 1] * y + matrices[v, m + 2] * z + matrices[v, m + 3]
    return out


@njit(cache=True)
def mix_rows(starts, indices, weights, rows):  # type: ignore[no-untyped-def]
    """Rows of a compressed sparse matrix times a dense (V, k) array."""
    out = np.zeros((starts.shape[0] - 1, rows.shape[1]), np.float32)
    for v in range(out.shape[0]):
        for k in range(starts[v], starts[v + 1]):
            for j in range(rows.shape[1]):
                out[v, j] += weights[k] * rows[indices[k], j]
    return out


def bone_head(data: BodyData, rest: Vertices, bone: str) -> NDArray[np.float64]:
    return np.asarray(rest[data.heads[bone]].mean(0), float)


def shell_rest(shell: Shell, rest: Vertices) -> Vertices:
    return np.asarray(mix_rows(shell.starts, shell.indices, shell.weights, rest))


def shell_matrices(shell: Shell, posed: Posed) -> NDArray[np.float32]:
    return np.asarray(mix_rows(shell.starts, shell.indices, shell.weights, posed.matrices))


def fitted_rest(fitted: Fitted, rest: Vertices) -> Vertices:
    """A mesh that hangs on the body, on this body, in the rest pose."""
    size = np.empty(3, np.float32)
    for axis in range(3):
        p, q, reference = fitted.scales[axis]
        size[axis] = abs(rest[int(p), axis] - rest[int(q), axis]) / reference if p != q else 1.0
    corners = rest[fitted.anchors] * fitted.weights[..., None]
    return np.asarray(corners.sum(1) + fitted.offsets * size, np.float32)


def fitted_matrices(fitted: Fitted, posed: Posed) -> NDArray[np.float32]:
    return np.asarray((posed.matrices[fitted.anchors] * fitted.weights[..., None]).sum(1), np.float32)


def pose(data: BodyData, rest: Vertices, rotations: Rotations) -> Posed:
    """Turn bones; fingers that are not named curl as relaxed hands do."""
    turned = {**relaxed_fingers(data, rest), **rotations}
    world = np.zeros((len(data.bones), 3, 4))
    for b, name in enumerate(data.bones):
        local = np.eye(4)
        if name in turned:
            head = bone_head(data, rest, name)
            local[:3, :3] = turned[name]
            local[:3, 3] = head - turned[name] @ head
        p = data.parents[b]
        parent = np.vstack([world[p], [0, 0, 0, 1]]) if p >= 0 else np.eye(4)
        world[b] = (parent @ local)[:3]
    hips = [
        world[data.bones.index(f"upperleg01.{s}")] @ np.append(bone_head(data, rest, f"upperleg01.{s}"), 1)
        for s in "LR"
    ]
    world[:, :, 3] -= (hips[0] + hips[1]) / 2
    matrices = _blend(
        data.weight_starts, data.weight_bones, data.weight_values, world.reshape(-1, 12).astype(np.float32)
    )
    vertices = apply(matrices, rest)
    return Posed(data, rest, matrices, vertices, _joints(data, rest, vertices, world))


def _joints(
    data: BodyData, rest: Vertices, vertices: Vertices, world: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    def head(bone: str) -> NDArray[np.float64]:
        return np.asarray(world[data.bones.index(bone)] @ np.append(bone_head(data, rest, bone), 1))

    out = {"waist": head("spine03"), "chest": head("spine01"), "neck": head("neck01"), "head": head("head")}
    out["hips"] = np.zeros(3)
    base = data.vertices
    out["nose"] = vertices[_nearest(data, (0.0, 69.5, 17.2))].astype(float)
    out["crown"] = vertices[data.groups["body"][np.argmax(rest[data.groups["body"], 1])]].astype(float)
    for side, s, sign in (("l_", "L", 1.0), ("r_", "R", -1.0)):
        out |= {
            f"{side}shoulder": head(f"upperarm01.{s}"),
            f"{side}elbow": head(f"lowerarm01.{s}"),
            f"{side}wrist": head(f"wrist.{s}"),
            f"{side}hand": head(f"finger3-1.{s}"),
            f"{side}hip": head(f"upperleg01.{s}"),
            f"{side}knee": head(f"lowerleg01.{s}"),
            f"{side}ankle": head(f"foot.{s}"),
            f"{side}toe": head(f"toe2-2.{s}"),
            f"{side}eye": vertices[data.groups[f"helper-{s.lower()}-eye"]].mean(0).astype(float),
            f"{side}ear": vertices[_nearest(data, (sign * 7.5, 71.0, 3.5))].astype(float),
        }
    del base
    return out


def _nearest(data: BodyData, point: tuple[float, float, float]) -> int:
    """The body vertex that lies nearest to a point of the unshaped base mesh."""
    body = data.groups["body"]
    return int(body[np.argmin(np.abs(data.vertices[body] - np.array(point, np.float32)).sum(1))])


def relaxed_fingers(data: BodyData, rest: Vertices, curl: float = 1.0) -> dict[str, NDArray[np.float64]]:
    """Rotations of all fingers that close the hand a little, more at the little finger."""
    out = {}
    for s in "LR":
        h = {b: bone_head(data, rest, f"{b}.{s}") for b in ("wrist", "finger2-1", "finger5-1", "finger3-1")}
        across = h["finger2-1"] - h["finger5-1"]
        for finger in range(2, 6):
            for joint, degrees in enumerate((8.0, 16.0, 10.0), 1):
                turn = degrees * curl * (0.7 + 0.2 * (finger - 2))
                out[f"finger{finger}-{joint}.{s}"] = rotation(across if s == "R" else -across, turn)
        out[f"finger1-2.{s}"] = rotation(across if s == "R" else -across, 6.0 * curl)
    return out


def move_with_head(posed: Posed, points: Vertices) -> Vertices:
    """Move rest-pose points stiffly with the head."""
    high = posed.data.vertices[:, 1]
    crown = int(np.argmax(np.where(high < 86, high, -1)))
    return np.asarray(apply(np.repeat(posed.matrices[crown : crown + 1], len(points), 0), points))
