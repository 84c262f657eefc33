"""What is prepared once per process from the packed data: regions of shells, skins without their colour, hair without its."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from training.pack import BodyData, Shell
from training.people.posing import mix_rows, shell_rest

Floats = NDArray[np.float32]
LINEAR = (np.linspace(0, 1, 256) ** 2.2).astype(np.float32)  # close enough to sRGB for detail maps
DETAIL_UNIT = 110.0  # a skin detail of 1.0 is stored as this


@dataclass(frozen=True, eq=False)
class Regions:
    """Shares of limbs in each vertex, from the skinning weights."""

    arm: Floats  #: (V, 2) left, right
    leg: Floats  #: (V, 2)


@dataclass(frozen=True, eq=False)
class Scalp:
    """A finer mesh of where hair grows: its vertices are midpoints of pairs of body vertices."""

    share: Floats  #: (V,) over the body's vertices, 1 well behind the hairline
    pairs: NDArray[np.int32]  #: (N, 2) body vertices
    triangles: NDArray[np.int32]  #: (T, 3) into the pairs

    def mid(self, values: Floats) -> Floats:
        """Values of the body's vertices at the scalp's."""
        return np.asarray(0.5 * (values[self.pairs[:, 0]] + values[self.pairs[:, 1]]), np.float32)


@dataclass(frozen=True, eq=False)
class Kit:
    data: BodyData
    regions: Mapping[str, Regions]  #: "body" (all vertices) and each shell
    skins: Mapping[str, NDArray[np.uint8]]  #: (S, S, 3) linear detail around DETAIL_UNIT, 1 on a typical cheek
    scalp: Scalp
    strands: Mapping[str, NDArray[np.uint8]]  #: hair name -> (S, S) brightness around 128
    waistband: NDArray[np.int64]  #: for each vertex of the skirt's shell the nearest of the tights'
    alphas: Mapping[str, NDArray[np.uint8]]  #: texture name -> (512, 512)


def prepare(data: BodyData) -> Kit:
    base = _bone_shares(data)
    regions = {"body": base}
    for name, shell in data.shells.items():
        regions[name] = Regions(_mix(shell, base.arm), _mix(shell, base.leg))
    names = [n for n in data.textures if n.startswith(("hair/", "brow/", "lashes", "shoes/"))]
    eyes = next(n for n in data.textures if n.startswith("eye/"))
    return Kit(
        data=data,
        regions=regions,
        skins={n: _skin_detail(data, image) for n, image in data.skins.items()},
        scalp=make_scalp(data),
        strands={n: _strands(data.textures[n]) for n in names},
        waistband=_nearest_tights(data),
        alphas={
            k: cv2.resize(data.textures[n][..., 3], (512, 512), interpolation=cv2.INTER_AREA)
            for k, n in [*zip(names, names, strict=True), ("eyes", eyes)]
        }
        | {"hairline": hairline_texture()},
    )


def _nearest_tights(data: BodyData) -> NDArray[np.int64]:
    skirt, tights = (shell_rest(data.shells[n], data.vertices) for n in ("skirt", "tights"))
    return np.asarray(cKDTree(tights).query(skirt)[1])


def _mix(shell: Shell, rows: Floats) -> Floats:
    return np.asarray(mix_rows(shell.starts, shell.indices, shell.weights, rows))


def _bone_shares(data: BodyData) -> Regions:
    arm, leg = np.zeros((len(data.vertices), 2), np.float32), np.zeros((len(data.vertices), 2), np.float32)
    row = np.repeat(np.arange(len(data.vertices)), np.diff(data.weight_starts))
    for b, name in enumerate(data.bones):
        side = 0 if name.endswith(".L") else 1
        on = data.weight_bones == b
        if name.startswith(("upperarm", "lowerarm", "wrist", "finger", "metacarpal")):
            np.add.at(arm[:, side], row[on], data.weight_values[on])
        if name.startswith(("upperleg", "lowerleg", "foot", "toe")):
            np.add.at(leg[:, side], row[on], data.weight_values[on])
    return Regions(arm, leg)


def face_vertices(data: BodyData) -> NDArray[np.int32]:
    """Body vertices of cheeks, nose and forehead: where skin tone is read."""
    v = data.vertices
    body = data.groups["body"]
    x, y, z = v[body].T
    front = (z > 11.0) & (np.abs(x) < 6.0) & (y > 65.0) & (y < 80.0)
    mouth = (np.abs(x) < 3.5) & (y < 68.8) & (y > 63.0)
    return np.asarray(body[front & ~mouth])


def make_scalp(data: BodyData) -> Scalp:
    """The body's triangles behind the hairline, each cut in four."""
    share = scalp_mask(data)
    corners = data.body.source[data.body.triangles]
    tri = corners[(data.vertices[corners, 1] > 60).all(1) & (share[corners] > 0).any(1)]
    ends = np.stack([tri, np.roll(tri, -1, 1)], -1).reshape(-1, 2)
    both = np.concatenate([np.stack([tri.ravel()] * 2, 1), np.sort(ends, 1)])
    pairs, index = np.unique(both, axis=0, return_inverse=True)
    index = index.reshape(-1)
    old, new = index[: tri.size].reshape(-1, 3), index[tri.size :].reshape(-1, 3)
    a, b, c = old.T
    ab, bc, ca = new.T
    four = np.concatenate([np.stack(t, 1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return Scalp(share, pairs.astype(np.int32), four.astype(np.int32))


def scalp_mask(data: BodyData) -> Floats:
    """Smooth 0..1 over the body's vertices: behind a natural hairline."""
    x, y, z = data.vertices.T
    line = 77.8 - 0.055 * np.clip(np.abs(x) - 1.0, 0, 9) ** 2  # the forehead's hairline, lower at the temples
    front = (y - line) / 1.6
    temple = 4.6 + 4.2 * np.clip((y - 70.5) / 6, 0, 1)
    side = np.minimum((temple - z) / 1.6, (y - 69.0 - 2.0 * np.clip(z / 4, 0, 1)) / 1.6)
    back = np.minimum((0.8 - z) / 1.6, (y - 63.0) / 2.5)
    on = np.clip(np.maximum(np.maximum(front, side), back), 0, 1)
    return np.where(y > 60, on, 0).astype(np.float32)


def _skin_detail(data: BodyData, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    part = data.body
    face = np.isin(part.source, face_vertices(data))
    side = image.shape[0]
    ij = np.clip((part.uv[face] * side).astype(int), 0, side - 1)
    linear = LINEAR[image]
    typical = np.median(linear[ij[:, 1], ij[:, 0]], axis=0)
    ratio = linear / typical
    # The body may be painted another hue than the face: keep fine detail, pull broad areas towards one.
    broad = cv2.GaussianBlur(ratio, (0, 0), side / 40)
    grey = broad.mean(2, keepdims=True)
    ratio = ratio / np.maximum(broad, 0.05) * (0.55 * broad + 0.45 * grey) ** 0.6
    return np.clip(ratio * DETAIL_UNIT, 0, 255).astype(np.uint8)


def _strands(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Brightness of the texture around its own mean, so that any hair colour can be put on it."""
    grey = texture[..., :3].astype(np.float32).mean(2)
    solid = texture[..., 3] > 100
    broad = cv2.GaussianBlur(np.where(solid, grey, 0), (0, 0), 20) / np.maximum(
        cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 20), 1e-2
    )
    mean = grey[solid].mean()
    ratio = (grey + 12) / (0.5 * broad + 0.5 * mean + 12)
    out = np.clip(ratio * 128, 20, 255).astype(np.uint8)
    return np.asarray(cv2.resize(out, (512, 512), interpolation=cv2.INTER_AREA))


def hairline_texture() -> NDArray[np.uint8]:
    """(512, 512) cut-out for grown hair: u runs along the hairline, v is how far behind it; strands end unevenly."""
    rng = np.random.default_rng(3)
    wide = cv2.resize(rng.random((1, 40)).astype(np.float32), (512, 1), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.random((1, 256)).astype(np.float32), (512, 1), interpolation=cv2.INTER_LINEAR)
    start = 0.22 + 0.10 * wide + 0.30 * fine
    v = np.linspace(0, 1, 512, dtype=np.float32)[:, None]
    return np.asarray(np.clip((v - start) * 900, 0, 255), np.uint8)
