"""Clothes and skin as meshes: who covers whom, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fashion_gen.body.drawing.noise import fold
from training.people import tailoring
from training.people.cloth import Cloth
from training.people.kit import Kit
from training.people.layers import Layer
from training.people.measuring import Frame, Places, places, smooth
from training.people.posing import Posed, apply, shell_matrices, shell_rest
from training.people.raster import WHOLE, Mesh, vertex_normals

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Worn:
    """A piece on the body. Pieces later in a list lie over earlier ones."""

    layer: Layer
    cloth: Cloth
    tucked: bool = False  #: the top ends inside the waistband


@njit(cache=True)
def _folds(coords, strength, seed):  # type: ignore[no-untyped-def]
    out = np.empty(coords.shape[0], np.float32)
    for v in range(out.shape[0]):
        out[v] = fold(coords[v, 0], coords[v, 1], coords[v, 2], strength[v, 0], strength[v, 1], seed)
    return out


def _others(worn: Sequence[Worn], k: int, at: Places, f: Frame) -> Floats:
    """cut for piece k: hidden well inside pieces that lie over it."""
    cut = np.full(len(at.p), WHOLE, np.float32)
    for j, over in enumerate(worn):
        hides = j > k and not over.tucked
        tucked_under = k > j and worn[k].tucked and over.cloth.category in ("trousers", "shorts", "skirt")
        if hides or tucked_under:
            margin = 0.2 if tucked_under else 1.2
            cut = np.minimum(cut, margin - tailoring.field(over.cloth, at, f))
    return cut


def pieces(kit: Kit, posed: Posed, f: Frame, worn: Sequence[Worn], seed: int) -> list[Mesh]:
    """Meshes of all clothes; their uv holds the strength of folds."""
    out: list[Mesh] = []
    for k, piece in enumerate(worn):
        out += _piece(kit, posed, f, worn, k, seed + 101 * k)
        if piece.cloth.neck == "collar" and piece.cloth.category in ("top", "outerwear", "dress"):
            out.append(_collar(kit, posed, f, piece, seed + 101 * k))
    return out


def _piece(kit: Kit, posed: Posed, f: Frame, worn: Sequence[Worn], k: int, seed: int) -> list[Mesh]:
    c = worn[k].cloth
    if worn[k].tucked:
        c = replace(c, ease=0.6, hang=min(c.hang, 0.4), flare=0.0)
    tube = tailoring.trunk(kit, posed.rest, f, c)
    legs = c.category in ("trousers", "shorts", "jumpsuit")
    meshes = []
    for name in ("tights",) if legs else ("tights", "skirt"):
        shell = kit.data.shells[name]
        p = shell_rest(shell, posed.rest)
        n = vertex_normals(p, shell.triangles)
        at = places(p, kit.regions[name], f)
        edge = tailoring.field(c, at, f)
        cut = np.minimum(edge, _others(worn, k, at, f))
        if name == "tights" and not legs:
            cut = np.minimum(cut, p[:, 1] - f.join + 1.5 + 200 * smooth(at.arm, 0.1, 0.4))
        laid = _lay(p, n, at, f, c, tube, legs, name) + n * np.float32(0.35 * k)
        strength = tailoring.fold_strength(at, f, c)
        normal = vertex_normals(laid, shell.triangles)
        # The mesh carries the broad part of the folds, so that outlines are not ruler-straight; pixels add the rest.
        # Where the trunk's shell hands over to the skirt's, both stay smooth, or a step would show.
        calm = 0.7 if legs else 0.7 - 0.6 * np.exp(-(((p[:, 1] - f.join) / 4) ** 2))
        folded = laid + normal * (calm * _folds(laid, strength, seed))[:, None]
        points = apply(_movement(kit, posed, f, name, p), folded.astype(np.float32))
        normals = vertex_normals(points, shell.triangles)
        for coords, panel in _panels(laid, at, f, legs, name):
            inside = np.minimum(cut, panel).astype(np.float32)
            seen = shell.triangles[(inside[shell.triangles] > 0).any(1)]
            meshes.append(Mesh(worn[k].layer, points, seen, coords, strength, inside, normals, edge))
    return meshes


def _movement(kit: Kit, posed: Posed, f: Frame, name: str, p: Floats) -> Floats:
    """(V, 12) how a shell's vertices move. The skirt's top moves with the trunk, or a step would show where the two meet."""
    matrices = shell_matrices(kit.data.shells[name], posed)
    if name != "skirt":
        return np.asarray(matrices)
    trunk = shell_matrices(kit.data.shells["tights"], posed)[kit.waistband]
    share = smooth(p[:, 1], f.join - 9, f.join - 2.5)[:, None]
    return np.asarray(matrices + share * (trunk - matrices), np.float32)


def _panels(laid: Floats, at: Places, f: Frame, legs: bool, name: str) -> list[tuple[Floats, Floats]]:
    """The panels a tailor would cut, as (coordinates of their pattern, cm inside the seam): trunk, sleeves, trouser legs."""
    if name != "tights":
        return [(laid, np.full(len(laid), WHOLE, np.float32))]
    sleeve = (at.arm - 0.5) * 10
    out = [(tailoring.arm_coords(at, f), sleeve)]
    if not legs:
        return [*out, (laid, -sleeve)]
    for side in (1, -1):
        out.append((tailoring.leg_coords(laid, at, f, side), np.minimum(side * at.p[:, 0], -sleeve)))
    return out


def _lay(
    p: Floats,
    n: Floats,
    at: Places,
    f: Frame,
    c: Cloth,
    tube: tailoring.Tube,
    legs: bool,
    name: str,
) -> Floats:
    if not legs:
        return tailoring.lay_trunk(p, n, at, f, c, tube, close_fit=name == "tights")
    trousers = tailoring.lay_legs(p, n, at, c)
    if c.category != "jumpsuit":
        return trousers
    upper = tailoring.lay_trunk(p, n, at, f, c, tube)
    share = smooth(p[:, 1], f.crotch + 4, f.waist)[:, None]
    return np.asarray(trousers + share * (upper - trousers), np.float32)


def _collar(kit: Kit, posed: Posed, f: Frame, piece: Worn, seed: int) -> Mesh:
    """A turned-down collar: a band around the neckline that stands off and opens in front."""
    c = piece.cloth
    shell = kit.data.shells["tights"]
    p = shell_rest(shell, posed.rest)
    at = places(p, kit.regions["tights"], f)
    inside = tailoring.neck_field(c, at, f)
    half = np.abs(p[:, 0])
    front = p[:, 2] > f.neck_z + 2
    gap = np.where(front, half - 0.9 - 0.35 * np.maximum(0, inside - 0.5), 500)
    depth = 4.4 + 1.6 * np.where(front, 1 - np.clip(half / 7, 0, 1), 0)
    cut = np.minimum(np.minimum(inside + 2.6, depth - inside), gap)
    n = vertex_normals(p, shell.triangles)
    stand = 1.5 + 0.1 * c.ease + 0.35 * np.clip(inside, 0, 4)
    laid = p + n * stand[:, None].astype(np.float32)
    points = apply(shell_matrices(shell, posed), laid.astype(np.float32))
    strength = np.full((len(p), 2), 0.05, np.float32)
    normals = vertex_normals(points, shell.triangles)
    return Mesh(piece.layer, points, shell.triangles, p, strength, cut.astype(np.float32), normals)


def skin_cut(kit: Kit, posed: Posed, f: Frame, worn: Sequence[Worn]) -> Floats:
    """(V,) for the body's vertices: negative where clothes surely hide it."""
    at = places(posed.rest, kit.regions["body"], f)
    cut = np.full(len(posed.rest), WHOLE, np.float32)
    for piece in worn:
        c = piece.cloth
        loose = max(c.ease, c.leg_ease if c.category in ("trousers", "shorts") else 0)
        cut = np.minimum(cut, 2.0 + 0.6 * loose - tailoring.field(c, at, f))
    return cut
