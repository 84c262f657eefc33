"""Eyes, brows, lashes and glasses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.people.kit import Kit
from training.people.layers import Layer
from training.people.posing import Posed, apply, fitted_matrices, fitted_rest, move_with_head
from training.people.raster import WHOLE, Mesh, vertex_normals

Floats = NDArray[np.float32]


def face_parts(kit: Kit, posed: Posed, brow: str, alphas: dict[str, int]) -> list[Mesh]:
    """Eyes, brows and lashes."""
    out = []
    for name, layer in (("eyes", Layer.EYES), (f"brow/{brow}", Layer.BROWS), ("lashes", Layer.LASHES)):
        fitted = kit.data.fitted[name]
        p = fitted_rest(fitted, posed.rest)
        points = apply(fitted_matrices(fitted, posed), p)
        if layer == Layer.BROWS:
            points = points + np.array([0, 0, 0.12], np.float32)
        tri = fitted.part.source[fitted.part.triangles].astype(np.int32)
        source = fitted.part.source
        k = alphas.setdefault(name, len(alphas))
        whole = np.full(len(source), WHOLE, np.float32)
        out.append(
            Mesh(
                layer,
                points[source],
                fitted.part.triangles,
                p[source],
                fitted.part.uv,
                whole,
                vertex_normals(points, tri)[source],
                alpha=k,
            )
        )
    return out


def glasses(posed: Posed, seed: int) -> list[Mesh]:
    """Thin frames: two rings, a bridge and temples."""
    rng = np.random.default_rng(seed)
    rest = posed.rest
    eyes = [rest[posed.data.groups[f"helper-{s}-eye"]] for s in "lr"]
    square, size = rng.uniform(2.0, 4.5), rng.uniform(2.5, 3.0)
    strips = []
    for e in eyes:
        c = e.mean(0) + np.array([0.25 * np.sign(e[:, 0].mean()), -0.3, 0])
        t = np.linspace(0, 2 * np.pi, 41)
        ring = np.stack(
            [
                np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / square) * size,
                np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / square) * size * 0.82,
                np.full_like(t, e[:, 2].max() + 1.5 - c[2]),
            ],
            1,
        )
        strips.append((ring + c).astype(np.float32))
        outer = c + np.array([np.sign(c[0]) * size, size * 0.35, e[:, 2].max() + 1.5 - c[2]])
        ear = np.array([np.sign(c[0]) * 7.6 * abs(c[0]) / 3.1, outer[1], outer[2] - 10])
        strips.append(np.stack([outer, ear]).astype(np.float32))
    left, right = strips[0], strips[2]
    bridge = np.stack([left[np.argmin(left[:, 0])], right[np.argmax(right[:, 0])]])
    strips.append(bridge.astype(np.float32) + np.array([0, 0.5, 0.1], np.float32))
    return [_wire(posed, s, 0.17 + 0.08 * rng.random()) for s in strips]


def _wire(posed: Posed, line: Floats, radius: float) -> Mesh:
    """A flat ribbon along a line, facing the viewer, thick enough to be seen at small sizes."""
    along = np.gradient(line, axis=0)
    side = np.cross(along, np.array([0, 0, 1.0]))
    norm = np.linalg.norm(side, axis=1, keepdims=True)
    side = np.where(norm > 1e-3, side / np.maximum(norm, 1e-6), np.array([0, 1.0, 0]))
    p = np.concatenate([line - side * radius, line + side * radius]).astype(np.float32)
    k = np.arange(len(line) - 1)
    m = len(line)
    tri = np.concatenate([np.stack([k, k + 1, k + m], 1), np.stack([k + 1, k + m + 1, k + m], 1)]).astype(np.int32)
    points = move_with_head(posed, p)
    return Mesh(
        Layer.GLASSES,
        points,
        tri,
        p,
        np.zeros((len(p), 2), np.float32),
        np.full(len(p), WHOLE, np.float32),
        vertex_normals(points, tri),
    )
