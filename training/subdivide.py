"""Catmull-Clark subdivision as a linear map, so that a shell follows every shape of the body.

Catmull, Clark: Recursively generated B-spline surfaces on arbitrary topological meshes (1978), with the usual rule for borders.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


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
    return Subdivided(tri, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))


def _once(faces: list[list[int]], count: int) -> tuple[sparse.csr_matrix, list[list[int]]]:
    edges: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, f in enumerate(faces):
        for a, b in zip(f, f[1:] + f[:1], strict=True):
            if a != b:
                edges[min(a, b), max(a, b)].append(i)
    face_row = {i: count + i for i in range(len(faces))}
    edge_row = {e: count + len(faces) + k for k, e in enumerate(edges)}
    rows: list[dict[int, float]] = [defaultdict(float) for _ in range(count + len(faces) + len(edges))]
    for i, f in enumerate(faces):
        for v in f:
            rows[face_row[i]][v] += 1 / len(f)
    for e, around in edges.items():
        _mix(rows[edge_row[e]], dict.fromkeys(e, 1.0), 0.5 if len(around) != 2 else 0.25)
        for i in around if len(around) == 2 else ():
            _mix(rows[edge_row[e]], rows[face_row[i]], 0.25)
    _move_old(rows, faces, edges, face_row, count)
    quads = []
    for i, f in enumerate(faces):
        for k, v in enumerate(f):
            before, after = f[k - 1], f[(k + 1) % len(f)]
            if v not in (before, after):
                quads.append([v, edge_row[min(v, after), max(v, after)], face_row[i], edge_row[min(v, before), max(v, before)]])
    r, c, w = zip(*((i, j, w) for i, row in enumerate(rows) for j, w in row.items()), strict=True)
    return sparse.csr_matrix((w, (r, c)), shape=(len(rows), count)), quads


def _mix(into: dict[int, float], other: dict[int, float], weight: float) -> None:
    for k, w in other.items():
        into[k] += weight * w


def _move_old(
    rows: list[dict[int, float]],
    faces: list[list[int]],
    edges: dict[tuple[int, int], list[int]],
    face_row: dict[int, int],
    count: int,
) -> None:
    near_edges: dict[int, list[tuple[int, int]]] = defaultdict(list)
    near_faces: dict[int, list[int]] = defaultdict(list)
    for e in edges:
        for v in e:
            near_edges[v].append(e)
    for i, f in enumerate(faces):
        for v in set(f):
            near_faces[v].append(i)
    for v in range(count):
        border = [e for e in near_edges[v] if len(edges[e]) != 2]
        if border or not near_edges[v]:
            rows[v][v] += 0.75 if len(border) == 2 else 1.0
            for e in border if len(border) == 2 else ():
                rows[v][e[0] if e[1] == v else e[1]] += 0.125
            continue
        n = len(near_edges[v])
        rows[v][v] += (n - 3) / n
        for i in near_faces[v]:
            _mix(rows[v], rows[face_row[i]], 1 / n / len(near_faces[v]))
        for e in near_edges[v]:
            _mix(rows[v], {e[0]: 0.5, e[1]: 0.5}, 2 / n / n)
