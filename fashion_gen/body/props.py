"""What a seated person sits on."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.body.lofts import Array, Loft, Mesh, mesh, rounded
from fashion_gen.body.parts import Part

_STEEL, _RUBBER, _CLOTH = (0.62, 0.63, 0.65), (0.13, 0.13, 0.14), (0.20, 0.21, 0.24)


def seat_meshes(body: PosedBody) -> list[Mesh]:
    """The stool or wheelchair under a seated body; nothing for a standing one."""
    if body.seat == "stool":
        return [mesh(loft) for loft in _stool(body)]
    if body.seat == "wheelchair":
        return [mesh(loft) for loft in _wheelchair(body)]
    return []


def _seat_height(body: PosedBody) -> float:
    return -float(body.figure.girths["thigh"][1]) - 1.0


def _post(
    low: Array, high: Array, radius: float, colour: tuple[float, float, float], depth: float | None = None
) -> Loft:
    """An upright elliptic post."""
    return rounded(
        Loft(
            centres=np.stack([low, high]),
            right=np.tile([1.0, 0, 0], (2, 1)),
            front=np.tile([0, 0, 1.0], (2, 1)),
            half_width=np.full(2, radius),
            half_depth=np.full(2, radius if depth is None else depth),
            part=Part.PROP,
            colour=colour,
            square=3.0,
        )
    )


def _stool(body: PosedBody) -> list[Loft]:
    top, floor = _seat_height(body), body.ground
    posts = [_post(np.array([0, top - 4.0, 4.0]), np.array([0, top, 4.0]), 18.0, (0.60, 0.45, 0.32))]
    for x, z in ((-13.0, 14.0), (13.0, 14.0), (-13.0, -6.0), (13.0, -6.0)):
        posts.append(_post(np.array([x * 1.2, floor, z * 1.15]), np.array([x, top - 4.0, z]), 1.6, (0.52, 0.39, 0.28)))
    return posts


def _wheelchair(body: PosedBody) -> list[Loft]:
    top, floor = _seat_height(body), body.ground
    hip = float(body.figure.trunk["hip"].half_width)
    side = max(hip, 19.0) + 3.0
    back = float(body.joints["chest"][1])
    lofts = [
        _post(np.array([0, top - 5.0, 8.0]), np.array([0, top, 8.0]), side - 2.0, _CLOTH, 24.0),
        _post(np.array([0, top, -16.0]), np.array([0, back - 4.0, -18.0]), side - 2.0, _CLOTH, 2.0),
        _post(np.array([0, floor + 6.0, 46.0]), np.array([0, floor + 8.0, 46.0]), side - 6.0, _STEEL, 8.0),
    ]
    for sign in (-1.0, 1.0):
        lofts.append(_wheel(np.array([sign * (side + 2.5), floor + 30.0, -2.0]), 30.0))
        lofts.append(_wheel(np.array([sign * (side - 4.0), floor + 9.0, 40.0]), 9.0))
        lofts.append(
            _post(np.array([sign * side, top + 18.0, 6.0]), np.array([sign * side, top + 21.0, 6.0]), 2.6, _CLOTH, 16.0)
        )
        lofts.append(
            _post(np.array([sign * side, top - 5.0, 20.0]), np.array([sign * side, top + 18.0, 20.0]), 1.3, _STEEL)
        )
        lofts.append(
            _post(
                np.array([sign * (side - 6), floor + 7.0, 44.0]),
                np.array([sign * (side - 3), top - 3.0, 30.0]),
                1.3,
                _STEEL,
            )
        )
    return lofts


def _wheel(hub: Array, radius: float) -> Loft:
    """A tyre seen from the front: a torus about the X axis."""
    turn = np.linspace(0, 2 * np.pi, 33)
    around = np.stack([np.zeros_like(turn), np.cos(turn), np.sin(turn)], axis=1)
    return Loft(
        centres=hub + radius * around,
        right=np.tile([1.0, 0, 0], (33, 1)),
        front=around,
        half_width=np.full(33, 1.7),
        half_depth=np.full(33, 1.7),
        part=Part.PROP,
        colour=_RUBBER,
    )
