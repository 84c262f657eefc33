"""Hair: fitted meshes with cut-out textures, and volumes that grow from the scalp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.noise import perlin
from training.people.kit import Kit
from training.people.layers import Layer
from training.people.posing import Posed, apply, fitted_matrices, fitted_rest, move_with_head
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
        height = (0.15 + 0.9 * rise) * soft
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
    p = np.stack(
        [np.sin(t) * np.cos(u) * radii[0], np.cos(t) * radii[1], np.sin(t) * np.sin(u) * radii[2]], -1
    ).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(count - 1), np.arange(2 * count - 1), indexing="ij")
    a = (i * 2 * count + j).ravel()
    tri = np.concatenate(
        [np.stack([a, a + 1, a + 2 * count], 1), np.stack([a + 1, a + 2 * count + 1, a + 2 * count], 1)]
    )
    return (p + centre).astype(np.float32), tri.astype(np.int32)


def _bun(kit: Kit, posed: Posed, h: Hair) -> Mesh:
    head = posed.rest[kit.data.groups["body"]]
    top = head[np.argmax(head[:, 1])]
    high = h.seed % 2 == 0
    centre = top + (np.array([0, 1.6, -4.0]) if high else np.array([0, -6.0, -9.5]))
    r = 3.4 + 1.4 * h.volume
    p, tri = _ball(centre.astype(np.float32), (r * 1.1, r * 0.85, r))
    n = vertex_normals(p, tri)
    p = (p + n * (0.35 * _bumps(p, 0.6, h.seed))[:, None]).astype(np.float32)
    points = move_with_head(posed, p)
    return Mesh(
        Layer.HAIR,
        points,
        tri,
        p,
        np.zeros((len(p), 2), np.float32),
        np.full(len(p), WHOLE, np.float32),
        vertex_normals(points, tri),
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
        out.append(
            Mesh(
                Layer.HAIR,
                p,
                tri,
                p * np.float32(1.5),
                np.zeros((len(p), 2), np.float32),
                whole,
                vertex_normals(p, tri),
            )
        )
    return out
