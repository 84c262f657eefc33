"""Hair, brows, lashes, eyes, veil and glasses as meshes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from training.people.kit import Kit
from training.people.layers import Layer
from training.people.noise import perlin
from training.people.posing import Posed, apply, fitted_matrices, fitted_rest
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
    "bob": ("long01", "long01", "bob02"),
    "medium-wavy": ("long01",),
    "long": ("long01",),
    "long-wavy": ("long01",),
    "ponytail": ("ponytail01",),
    "bun": (),
    "braids": (),
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


def _grown(kit: Kit, posed: Posed, height: Floats, alphas: dict[str, int]) -> Mesh:
    """A shell over the scalp, `height` (N,) cm thick; strands end unevenly at the hairline."""
    scalp = kit.scalp
    p = scalp.mid(posed.rest)
    n = vertex_normals(p, scalp.triangles)
    # Smooth the growing direction, so that a thick shell is round.
    n = n + 0.06 * (p - p.mean(0))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    grown = (p + n * height[:, None]).astype(np.float32)
    points = apply(scalp.mid(posed.matrices), grown)
    base = scalp.mid(kit.data.vertices)
    # Around the hairline the angle seen from inside the head runs along it.
    u = np.arctan2(base[:, 0], base[:, 2] - 2) + 0.02 * base[:, 1]
    uv = np.stack([u * 1.2, np.clip(scalp.mid(scalp.share), 0, 0.99)], 1).astype(np.float32)
    whole = np.full(len(p), WHOLE, np.float32)
    k = alphas.setdefault("hairline", len(alphas))
    return Mesh(Layer.HAIR, points, scalp.triangles, p, uv, whole, vertex_normals(points, scalp.triangles), alpha=k)


def hair(kit: Kit, posed: Posed, h: Hair, alphas: dict[str, int]) -> list[Mesh]:
    """Meshes of a style. `alphas` collects the cut-out textures that are used."""
    if h.style in ("bald", "hijab"):
        return []
    if h.mesh:
        return [_under(kit, posed, alphas), _fitted_hair(kit, posed, h, alphas)]
    base = kit.scalp.mid(kit.data.vertices)
    rise = np.clip((base[:, 1] - 66) / 14, 0, 1)
    soft = np.clip(kit.scalp.mid(kit.scalp.share) * 1.3 - 0.2, 0, 1)
    if h.style == "buzz":
        height = (0.25 + 0.2 * rise) * soft
    elif h.style == "curly-short":
        height = ((0.5 + (1.6 + 1.6 * h.volume) * rise) + 0.5 * _bumps(base, 0.5, h.seed)) * soft
    elif h.style == "afro":
        height = (2.6 + (3.0 + 4.0 * h.volume) * (0.45 + 0.55 * rise) + 0.7 * _bumps(base, 0.5, h.seed)) * soft**0.6
    else:
        height = (0.45 + 0.6 * rise) * soft
    cap = _grown(kit, posed, height.astype(np.float32), alphas)
    if h.style == "bun":
        return [cap, _bun(kit, posed, h)]
    if h.style == "braids":
        return [cap, *_braids(kit, posed, h)]
    return [cap]


def _under(kit: Kit, posed: Posed, alphas: dict[str, int]) -> Mesh:
    """A thin cap in hair colour below a hair mesh, so that no scalp shines through."""
    return _grown(kit, posed, 0.12 * kit.scalp.mid(kit.scalp.share), alphas)


def _fitted_hair(kit: Kit, posed: Posed, h: Hair, alphas: dict[str, int]) -> Mesh:
    name = f"hair/{h.mesh}"
    fitted = kit.data.fitted[name]
    p = fitted_rest(fitted, posed.rest)
    cut = np.full(len(p), WHOLE, np.float32)
    if h.style == "ponytail":
        # The tail falls over one shoulder, where the viewer can see it.
        neck = posed.rest[kit.data.heads["neck01"]].mean(0)
        fall = np.clip((neck[1] + 9 - p[:, 1]) / 12, 0, 1) * np.clip((neck[2] - 2 - p[:, 2]) / 5, 0, 1)
        p = p.copy()
        p[:, 0] += fall * (8.5 if h.seed % 2 else -8.5)
        p[:, 2] += fall * 6.0
    chin = float(posed.rest[kit.data.heads["special04"]].mean(0)[1])
    if h.style in ("bob", "medium-wavy") and h.mesh == "long01":
        end = chin - (1.0 if h.style == "bob" else 8.0) - 3 * h.volume
        cut = (p[:, 1] - end).astype(np.float32)
        # Cut hair stands out a little above its end and turns in there.
        fall = np.clip((chin + 12 - p[:, 1]) / 12, 0, 1)
        p = p.copy()
        p[:, 0] *= 1 + 0.10 * fall - 0.10 * np.clip((end + 3 - p[:, 1]) / 3, 0, 1)
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
        Layer.HAIR, points[source], fitted.part.triangles, p[source], fitted.part.uv, cut[source], normals, alpha=k
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


def _braids(kit: Kit, posed: Posed, h: Hair) -> list[Mesh]:
    """Two plaits from behind the ears over the shoulders: chains of tilted knots."""
    out = []
    for side in (1.0, -1.0):
        ear = posed.joints["l_ear" if side > 0 else "r_ear"]
        chest = posed.joints["chest"]
        length = 20 + 22 * h.volume
        knots = int(length / 0.9)
        points, triangles, count = [], [], 0
        for k in range(knots):
            t = k / (knots - 1)
            # Behind the ear, forward over the collar bone, then straight down in front of the chest.
            forward = 1 - (1 - min(1.0, t * 2.2)) ** 2
            z = ear[2] - 4 + forward * (chest[2] + 12 - ear[2])
            x = ear[0] + side * (0.8 + 1.2 * np.sin(t * 2.5)) + 0.62 * (-1) ** k
            y = ear[1] - 5 - t * length
            r = 1.25 - 0.4 * t
            ball, tri = _ball(np.array([x, y, z], np.float32), (r * 1.05, r * 0.95, r), 9)
            points.append(ball)
            triangles.append(tri + count)
            count += len(ball)
        p, tri = np.concatenate(points), np.concatenate(triangles).astype(np.int32)
        whole = np.full(len(p), WHOLE, np.float32)
        out.append(Mesh(Layer.HAIR, p, tri, p * np.float32(1.5), np.zeros((len(p), 2), np.float32), whole, vertex_normals(p, tri)))
    return out


VEIL_ROWS, VEIL_COLUMNS = 84, 96


def veil(kit: Kit, posed: Posed, seed: int) -> list[Mesh]:
    """A headscarf: a surface of revolution that rests on head, neck and shoulders, open around the face."""
    rng = np.random.default_rng(seed)
    rest = posed.rest
    v = kit.data.vertices
    near = kit.data.groups["body"]
    near = near[(v[near, 1] > 38) & (np.abs(v[near, 0]) < 19)]
    p = rest[near]
    skull = rest[near[v[near, 1] > 70]]
    centre = (skull.min(0) + skull.max(0)) / 2
    away = p - centre
    head = v[near, 1] > 62
    p = p + np.where(head[:, None], away / np.linalg.norm(away, axis=1, keepdims=True) * 1.5, 0).astype(np.float32)
    crown, chin = float(p[:, 1].max()) + 0.1, float(rest[kit.data.heads["special04"]].mean(0)[1])
    bottom = chin - rng.uniform(14, 22)
    step = (crown - bottom) / (VEIL_ROWS - 1)
    row = np.clip(((crown - p[:, 1]) / step).astype(int), 0, VEIL_ROWS - 1)
    column = (np.arctan2(p[:, 0], p[:, 2] - centre[2]) / (2 * np.pi) % 1 * VEIL_COLUMNS).astype(int) % VEIL_COLUMNS
    table = np.zeros((VEIL_ROWS, VEIL_COLUMNS), np.float32)
    np.maximum.at(table, (row, column), np.hypot(p[:, 0], p[:, 2] - centre[2]).astype(np.float32))
    solid = (table > 0).astype(np.float32)
    filled = _wrap_blur(table, 1.6) / np.maximum(_wrap_blur(solid, 1.6), 1e-3)
    depth = np.arange(VEIL_ROWS)[:, None] * step
    table = np.where((solid > 0) | (depth < 9), table, filled)
    # The top of the head is round, however few vertices it has.
    table = np.maximum(table, (np.sqrt(1 - (1 - depth / 9.0).clip(0, 1) ** 2) * 7.4 * (depth < 9)).astype(np.float32))
    for k in range(1, VEIL_ROWS):
        # Cloth follows the head, falls from the chin and lies on the shoulders.
        table[k] = np.maximum(table[k], table[k - 1] - (0.55 if crown - k * step > chin - 1 else 0.75) * step)
    y = crown - np.arange(VEIL_ROWS) * step
    # Below the chin it lies over the garment.
    table = _wrap_blur(table, 1.5) + (0.3 + 3.0 * np.clip((chin - 5 - y) / 6, 0, 1)).astype(np.float32)[:, None]
    table[0] = 0
    angle = np.arange(VEIL_COLUMNS) / VEIL_COLUMNS * 2 * np.pi
    r = table
    grid = np.stack([r * np.sin(angle), np.broadcast_to(y[:, None], r.shape), centre[2] + r * np.cos(angle)], -1)
    q = grid.reshape(-1, 3).astype(np.float32)
    i, j = np.meshgrid(np.arange(VEIL_ROWS - 1), np.arange(VEIL_COLUMNS), indexing="ij")
    a, b = (i * VEIL_COLUMNS + j).ravel(), (i * VEIL_COLUMNS + (j + 1) % VEIL_COLUMNS).ravel()
    tri = np.concatenate([np.stack([a, a + VEIL_COLUMNS, b], 1), np.stack([b, a + VEIL_COLUMNS, b + VEIL_COLUMNS], 1)]).astype(np.int32)
    cut = -_face_opening(kit, rest, q)
    cut = np.minimum(cut, q[:, 1] - bottom - 1 - 1.2 * np.sin(3 * q[:, 0] / 8)).astype(np.float32)
    _, nearest = cKDTree(p).query(q)
    points = apply(_smooth_rows(posed.matrices[near[nearest]]), q)
    strength = np.tile(np.array([[0.45, 0.5]], np.float32), (len(q), 1))
    return [Mesh(Layer.VEIL, points, tri, q, strength, cut, vertex_normals(points, tri))]


def _wrap_blur(table: Floats, sigma: float) -> Floats:
    wide = np.concatenate([table[:, -10:], table, table[:, :10]], 1)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[:, 10:-10])


def _face_opening(kit: Kit, rest: Floats, p: Floats) -> Floats:
    """cm inside the oval that a headscarf leaves free, for points of the rest pose."""
    eyes = (rest[kit.data.groups["helper-l-eye"]].mean(0) + rest[kit.data.groups["helper-r-eye"]].mean(0)) / 2
    chin = float(rest[kit.data.heads["special04"]].mean(0)[1])
    high = 0.60 * (eyes[1] - chin) + 1.6
    middle = eyes[1] - 0.38 * (eyes[1] - chin)
    oval = ((p[:, 0] / (high * 0.74)) ** 2 + ((p[:, 1] - middle) / high) ** 2) ** 0.5
    return np.asarray(np.where(p[:, 2] > eyes[2] - 9, (1 - oval) * 6, -50.0), np.float32)


def veiled_cut(kit: Kit, posed: Posed) -> Floats:
    """(V,) for the body's vertices: negative where a headscarf surely hides it."""
    opening = _face_opening(kit, posed.rest, posed.rest) + 1.5
    return np.where(kit.data.vertices[:, 1] > 62, opening, WHOLE).astype(np.float32)


def _smooth_rows(matrices: Floats) -> Floats:
    """Even out the movement of neighbouring rows of the scarf's grid."""
    grid = matrices.reshape(VEIL_ROWS, VEIL_COLUMNS, 12)
    blurred = [cv2.blur(np.ascontiguousarray(grid[..., k : k + 4]), (7, 7)).reshape(-1, 4) for k in (0, 4, 8)]
    return np.concatenate(blurred, 1).astype(np.float32)


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
