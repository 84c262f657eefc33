"""Hair, brows, lashes, eyes, veil and glasses as meshes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.people.kit import Kit
from training.people.layers import Layer
from training.people.noise import perlin
from training.people.posing import Posed, apply, fitted_matrices, fitted_rest, shell_matrices, shell_rest
from training.people.raster import WHOLE, Mesh, vertex_normals

Floats = NDArray[np.float32]

# style -> the meshes it may be made of; empty means grown from the scalp
MESHES: Mapping[str, tuple[str, ...]] = {
    "bald": (),
    "buzz": (),
    "short": ("short01", "short02", "short04"),
    "side-part": ("short02",),
    "curly-short": (),
    "afro": (),
    "bob": ("bob02",),
    "medium-wavy": ("bob02",),
    "long": ("long01",),
    "long-wavy": ("long01",),
    "ponytail": ("ponytail01",),
    "bun": (),
    "braids": ("braid01",),
    "hijab": (),
}
STYLES = tuple(MESHES)
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "black": (26, 22, 21),
    "dark-brown": (52, 36, 27),
    "brown": (86, 58, 38),
    "light-brown": (128, 92, 60),
    "blond": (190, 152, 98),
    "red": (142, 68, 36),
    "grey": (140, 138, 136),
    "white": (214, 211, 206),
}


@dataclass(frozen=True)
class Hair:
    style: str
    mesh: str = ""  #: one of MESHES[style]
    volume: float = 0.5
    seed: int = 0


@njit(cache=True)
def _bumps(p, frequency, seed):  # type: ignore[no-untyped-def]
    out = np.empty(p.shape[0], np.float32)
    for v in range(out.shape[0]):
        x, y, z = p[v, 0] * frequency, p[v, 1] * frequency, p[v, 2] * frequency
        out[v] = perlin(x, y, z, seed) + 0.5 * perlin(2.1 * x, 2.1 * y, 2.1 * z, seed + 1)
    return out


def _head_triangles(kit: Kit) -> NDArray[np.int32]:
    part = kit.data.body
    corners = part.source[part.triangles]
    high = (kit.data.vertices[corners, 1] > 60).all(1)
    return np.ascontiguousarray(corners[high & (kit.scalp[corners] > 0).any(1)], np.int32)


def _grown(kit: Kit, posed: Posed, height: Floats, alphas: dict[str, int]) -> Mesh:
    """A shell over the scalp, `height` (V,) cm thick; strands end unevenly at the hairline."""
    rest = posed.rest
    tri = _head_triangles(kit)
    used, local = np.unique(tri, return_inverse=True)
    tri = local.reshape(tri.shape).astype(np.int32)
    p = rest[used]
    n = vertex_normals(p, tri)
    grown = p + n * height[used][:, None]
    points = apply(posed.matrices[used], grown.astype(np.float32))
    base = kit.data.vertices[used]
    # Around the hairline the angle seen from inside the head runs along it.
    u = np.arctan2(base[:, 0], base[:, 2] - 2) + 0.02 * base[:, 1]
    uv = np.stack([u * 1.2, np.clip(kit.scalp[used], 0, 0.99)], 1).astype(np.float32)
    whole = np.full(len(used), WHOLE, np.float32)
    k = alphas.setdefault("hairline", len(alphas))
    return Mesh(Layer.HAIR, points, tri, p, uv, whole, vertex_normals(points, tri), alpha=k)


def hair(kit: Kit, posed: Posed, h: Hair, alphas: dict[str, int]) -> list[Mesh]:
    """Meshes of a style. `alphas` collects the cut-out textures that are used."""
    if h.style in ("bald", "hijab"):
        return []
    if h.mesh:
        return [_under(kit, posed, alphas), _fitted_hair(kit, posed, h, alphas)]
    base = kit.data.vertices
    rise = np.clip((base[:, 1] - 66) / 14, 0, 1)
    soft = np.clip(kit.scalp * 1.3 - 0.2, 0, 1)
    if h.style == "buzz":
        return [_grown(kit, posed, ((0.25 + 0.2 * rise) * soft).astype(np.float32), alphas)]
    if h.style == "curly-short":
        bumps = _bumps(base, 0.55, h.seed)
        height = (0.9 + (1.2 + 1.6 * h.volume) * rise + 0.7 * bumps) * soft
        return [_grown(kit, posed, height.astype(np.float32), alphas)]
    if h.style == "afro":
        bumps = _bumps(base, 0.45, h.seed)
        height = (2.6 + (3.0 + 4.0 * h.volume) * (0.45 + 0.55 * rise) + 0.8 * bumps) * soft**0.6
        return [_grown(kit, posed, height.astype(np.float32), alphas)]
    return [_grown(kit, posed, ((0.7 + 0.5 * rise) * soft**0.6).astype(np.float32), alphas), _bun(kit, posed, h)]


def _under(kit: Kit, posed: Posed, alphas: dict[str, int]) -> Mesh:
    """A thin cap in hair colour below a hair mesh, so that no scalp shines through."""
    return _grown(kit, posed, np.full(len(posed.rest), 0.12, np.float32) * kit.scalp, alphas)


def _fitted_hair(kit: Kit, posed: Posed, h: Hair, alphas: dict[str, int]) -> Mesh:
    name = f"hair/{h.mesh}"
    fitted = kit.data.fitted[name]
    p = fitted_rest(fitted, posed.rest)
    if h.style in ("medium-wavy", "long-wavy"):
        fall = np.clip((float(p[:, 1].max()) - p[:, 1] - 8) / 18, 0, 1)
        phase = 0.38 * p[:, 1] + 0.25 * np.abs(p[:, 0])
        p = p.copy()
        p[:, 0] += fall * (1.3 * np.sin(phase) + 0.9 * np.sign(p[:, 0]))
        p[:, 2] += fall * 0.9 * np.cos(phase * 0.9 + 1)
    points = apply(fitted_matrices(fitted, posed), p.astype(np.float32))
    tri = fitted.part.source[fitted.part.triangles].astype(np.int32)
    normals = vertex_normals(points, tri)[fitted.part.source]
    k = alphas.setdefault(name, len(alphas))
    source = fitted.part.source
    return Mesh(
        Layer.HAIR, points[source], fitted.part.triangles, p[source], fitted.part.uv, np.full(len(source), WHOLE, np.float32), normals, alpha=k
    )


def _ball(centre: Floats, radii: tuple[float, float, float], count: int = 18) -> tuple[Floats, NDArray[np.int32]]:
    t, u = np.meshgrid(np.linspace(0, np.pi, count), np.linspace(0, 2 * np.pi, 2 * count), indexing="ij")
    p = np.stack([np.sin(t) * np.cos(u) * radii[0], np.cos(t) * radii[1], np.sin(t) * np.sin(u) * radii[2]], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(count - 1), np.arange(2 * count - 1), indexing="ij")
    a = (i * 2 * count + j).ravel()
    tri = np.concatenate([np.stack([a, a + 1, a + 2 * count], 1), np.stack([a + 1, a + 2 * count + 1, a + 2 * count], 1)])
    return (p + centre).astype(np.float32), tri.astype(np.int32)


def _rigid(posed: Posed, points: Floats) -> Floats:
    """Move points with the head."""
    crown = int(np.argmax(np.where(posed.data.vertices[:, 1] < 86, posed.data.vertices[:, 1], -1)))
    return np.asarray(apply(np.repeat(posed.matrices[crown : crown + 1], len(points), 0), points))


def _bun(kit: Kit, posed: Posed, h: Hair) -> Mesh:
    head = posed.rest[kit.data.groups["body"]]
    top = head[np.argmax(head[:, 1])]
    high = h.seed % 2 == 0
    centre = top + (np.array([0, 1.6, -4.0]) if high else np.array([0, -6.0, -9.5]))
    r = 3.4 + 1.4 * h.volume
    p, tri = _ball(centre.astype(np.float32), (r * 1.1, r * 0.85, r))
    n = vertex_normals(p, tri)
    p = (p + n * (0.35 * _bumps(p, 0.6, h.seed))[:, None]).astype(np.float32)
    points = _rigid(posed, p)
    return Mesh(
        Layer.HAIR, points, tri, p, np.zeros((len(p), 2), np.float32), np.full(len(p), WHOLE, np.float32), vertex_normals(points, tri)
    )


def veil(kit: Kit, posed: Posed, seed: int) -> list[Mesh]:
    """A headscarf: the helper hair surface wrapped close to head and neck, open around the face, falling on the chest."""
    shell = kit.data.shells["hair"]
    base = shell_rest(shell, kit.data.vertices)
    p = shell_rest(shell, posed.rest)
    n = vertex_normals(p, shell.triangles)
    del seed
    x, y, z = base.T
    face = ((x / 6.6) ** 2 + ((y - 70.8) / 8.6) ** 2) ** 0.5
    cut = np.where(z > 5, (face - 1) * 7, WHOLE)
    cut = np.minimum(cut, y - 44).astype(np.float32)
    points = apply(shell_matrices(shell, posed), (p + n * 0.3).astype(np.float32))
    strength = np.tile(np.array([[0.35, 0.3]], np.float32), (len(p), 1))
    return [Mesh(Layer.VEIL, points, shell.triangles, p, strength, cut, vertex_normals(points, shell.triangles))]


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
        out.append(Mesh(layer, points[source], fitted.part.triangles, p[source], fitted.part.uv, whole, vertex_normals(points, tri)[source], alpha=k))
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
    points = _rigid(posed, p)
    return Mesh(
        Layer.GLASSES, points, tri, p, np.zeros((len(p), 2), np.float32), np.full(len(p), WHOLE, np.float32), vertex_normals(points, tri)
    )
