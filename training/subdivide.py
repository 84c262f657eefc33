"""Catmull-Clark subdivision as a linear map, so that a shell follows every shape of the body.

Catmull, Clark: Recursively generated B-spline surfaces on arbitrary topological meshes (1978), with the usual rule for borders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Edge = tuple[int, int]
Row = dict[int, float]


@dataclass(frozen=True, eq=False)
class Subdivided:
    """Triangles over new vertices, which are mixes of the old ones: compressed sparse rows."""

    triangles: NDArray[np.int32]
    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    weights: NDArray[np.float32]


def catmull_clark(faces: list[list[int]], count: int, levels: int) -> Subdivided:
    """Subdivide polygons over `count` vertices `levels` times."""
    used = sorted({v for f in faces for v in f})
    row = {v: i for i, v in enumerate(used)}
    matrix = sparse.csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), shape=(len(used), count))
    current = [[row[v] for v in f] for f in faces]
    for _ in range(levels):
        step, current = _once(current, matrix.shape[0])
        matrix = (step @ matrix).tocsr()
    tri = np.array([(f[0], f[k], f[k + 1]) for f in current for k in range(1, len(f) - 1)], np.int32)
    return Subdivided(
        tri, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
    )


def _once(faces: list[list[int]], count: int) -> tuple[sparse.csr_matrix, list[list[int]]]:
    """One level: rows of mixes of the old vertices (old ones, then a point per face, then one per edge) and the new quads."""
    edges = _edges(faces)
    face_row = [count + i for i in range(len(faces))]
    edge_row = {e: count + len(faces) + k for k, e in enumerate(edges)}
    rows: list[Row] = [defaultdict(float) for _ in range(count + len(faces) + len(edges))]
    for row, f in zip(face_row, faces, strict=True):
        _mix(rows[row], dict.fromkeys(f, 1.0), 1 / len(f))
    for e, around in edges.items():
        inner = len(around) == 2
        _mix(rows[edge_row[e]], dict.fromkeys(e, 1.0), 0.25 if inner else 0.5)
        for i in around if inner else ():
            _mix(rows[edge_row[e]], rows[face_row[i]], 0.25)
    _move_old(rows, faces, edges, face_row, count)
    r, c, w = zip(*((i, j, w) for i, row in enumerate(rows) for j, w in row.items()), strict=True)
    return sparse.csr_matrix((w, (r, c)), shape=(len(rows), count)), _quads(faces, face_row, edge_row)


def _edges(faces: list[list[int]]) -> dict[Edge, list[int]]:
    """Each edge with the faces around it."""
    edges: dict[Edge, list[int]] = defaultdict(list)
    for i, f in enumerate(faces):
        for a, b in zip(f, f[1:] + f[:1], strict=True):
            if a != b:
                edges[min(a, b), max(a, b)].append(i)
    return edges


def _quads(faces: list[list[int]], face_row: list[int], edge_row: dict[Edge, int]) -> list[list[int]]:
    quads = []
    for i, f in enumerate(faces):
        for k, v in enumerate(f):
            before, after = f[k - 1], f[(k + 1) % len(f)]
            if v not in (before, after):
                out, back = edge_row[min(v, after), max(v, after)], edge_row[min(v, before), max(v, before)]
                quads.append([v, out, face_row[i], back])
    return quads


def _mix(into: Row, other: dict[int, float], weight: float) -> None:
    for k, w in other.items():
        into[k] += weight * w


def _move_old(
    rows: list[Row], faces: list[list[int]], edges: dict[Edge, list[int]], face_row: list[int], count: int
) -> None:
    names = list(edges)
    near_edges, near_faces = _around(names), _around(faces)
    for v in range(count):
        border = [names[k] for k in near_edges[v] if len(edges[names[k]]) != 2]
        if border or not near_edges[v]:
            _keep_border(rows[v], v, border)
            continue
        n = len(near_edges[v])
        rows[v][v] += (n - 3) / n
        for f in near_faces[v]:
            _mix(rows[v], rows[face_row[f]], 1 / n / len(near_faces[v]))
        for k in near_edges[v]:
            _mix(rows[v], dict.fromkeys(names[k], 0.5), 2 / n / n)


def _around(groups: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """Each vertex with the groups it belongs to."""
    out: dict[int, list[int]] = defaultdict(list)
    for k, group in enumerate(groups):
        for v in set(group):
            out[v].append(k)
    return out


def _keep_border(row: Row, v: int, border: list[Edge]) -> None:
    """A border is a curve of its own: its points mix with their two neighbours on it only."""
    if len(border) != 2:
        row[v] += 1.0
        return
    row[v] += 0.75
    for a, b in border:
        row[a if b == v else b] += 0.125
