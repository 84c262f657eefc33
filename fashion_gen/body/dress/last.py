"""The last that shoes are built over: plan, instep and sole line of a foot, as a grid of stations along it and angles over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from fashion_gen.body.figure import Vector
from fashion_gen.body.kinematics import PosedBody, Rotation
from fashion_gen.body.lofts import Array, Mesh, unit
from fashion_gen.body.parts import Part

Colour = tuple[float, float, float]

#: Stations along the foot in shares of its length (0 = ankle joint), close together where it ends round.
STATIONS = np.concatenate([
    -0.02 - 0.25 * np.cos(np.linspace(0, np.pi / 2, 7)[:-1]),
    np.linspace(-0.02, 0.60, 14)[:-1],
    0.60 + 0.20 * np.sin(np.linspace(0, np.pi / 2, 10)),
])  # fmt: skip
ANGLES = np.linspace(0, np.pi, 25)  #: from the outer side over the instep to the inner side
# Shares of the foot's length: to the little toe's side, to the big toe's side.
_PLAN = (
    (-0.27, 0.0, 0.0), (-0.25, 0.055, 0.055), (-0.19, 0.112, 0.112), (-0.08, 0.140, 0.140), (0.06, 0.142, 0.138),
    (0.30, 0.158, 0.138), (0.46, 0.188, 0.180), (0.56, 0.178, 0.192), (0.66, 0.138, 0.180), (0.74, 0.072, 0.148),
    (0.78, 0.022, 0.108), (0.795, -0.012, 0.076), (0.80, -0.045, 0.045),
)  # fmt: skip
# Height of the instep in shares of the ankle's.
_RISE = (
    (-0.27, 0.92), (-0.15, 1.12), (0.0, 1.30), (0.14, 1.20), (0.28, 0.92), (0.42, 0.66), (0.56, 0.48), (0.68, 0.41),
    (0.75, 0.35), (0.785, 0.27), (0.80, 0.12),
)  # fmt: skip
# One interpolator each for all shoes: building them would take longer than drawing.
_widths, _rises = (PchipInterpolator(np.array(table)[:, 0], np.array(table)[:, 1:]) for table in (_PLAN, _RISE))


@dataclass(frozen=True, eq=False)
class Last:
    """A foot in a shoe. X is across (out from the body on `sign`'s side), Y up from the floor, Z ahead; cm."""

    origin: Vector  #: (3,) the floor under the ankle joint
    frame: Rotation
    sign: float  #: 1 on the left foot
    length: float
    ankle: float  #: height of the ankle joint over the floor
    heel: float = 0.0  #: how far the heel stands over the floor
    sole: float = 0.0  #: how thick the sole is under the ball
    loose: float = 0.0  #: how far it is off the skin
    toe: float = 1.0  #: height of the toes' end, in shares of the foot's own

    @classmethod
    def of(cls, body: PosedBody, side: str, **shape: float) -> Last:
        """The last of the foot of `side` ("l", "r")."""
        frame = body.frames[f"{side}_foot"]
        ankle, toe = body.joints[f"{side}_ankle"], body.joints[f"{side}_toe"]
        return cls(
            origin=ankle - frame[:, 1] * body.figure.ankle,
            frame=frame,
            sign=1.0 if side == "l" else -1.0,
            length=float((toe - ankle) @ frame[:, 2]) / 0.72,
            ankle=body.figure.ankle,
            **shape,
        )

    def off(self, by: float) -> Last:
        """The same last, `by` cm further out."""
        return replace(self, loose=self.loose + by)

    def base(self, t: Array) -> Array:
        """Height of the upper's lower edge over the floor at stations `t`: it climbs from the ball to the heel."""
        climb = np.clip((0.50 - t) / 0.55, 0, 1)
        spring = np.clip((t - 0.58) / 0.22, 0, 1) ** 2 * 0.9
        return np.asarray(self.sole + self.heel * climb * climb * (3 - 2 * climb) + spring)

    def widths(self, t: Array) -> tuple[Array, Array]:
        """Half widths to the outer and the inner side at stations `t`, cm."""
        outer, inner = _widths(t).T * self.length
        # What is off the skin rounds the ends too.
        share = np.sqrt(np.clip((t + 0.27) / 0.03, 0, 1) * np.clip((0.80 - t) / 0.03, 0, 1))
        return outer + self.loose * share, inner + self.loose * share

    def rise(self, t: Array) -> Array:
        """Height of the ridge over `base` at stations `t`, cm; what the heel takes, the foot has not over it."""
        low = np.clip((t - 0.45) / 0.25, 0, 1)
        high = _rises(t)[:, 0] * self.ankle * (1 + (self.toe - 1) * low) + self.loose
        return np.asarray(np.maximum(high - (self.base(t) - self.sole) * (1 - low), 0.6))

    def ahead(self, t: Array) -> Array:
        """Z of stations `t`, cm: what is off the skin is longer, too."""
        return np.asarray(t * self.length + self.loose * np.clip((t - 0.27) / 0.53, -1, 1))

    def shell(self, t: Array = STATIONS, angles: Array = ANGLES) -> Array:
        """(S, A, 3) points over the foot: X, Y, Z of the last."""
        outer, inner = self.widths(t)
        # A rounded box near the sole, round over the instep.
        cos = np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.72
        sin = np.sin(angles) ** 0.86
        x = (outer - inner)[:, None] / 2 + cos * (outer + inner)[:, None] / 2
        y = self.base(t)[:, None] + sin * self.rise(t)[:, None]
        return np.stack([x, y, np.broadcast_to(self.ahead(t)[:, None], x.shape)], axis=-1)

    def place(self, points: Array) -> Array:
        """Points of the last, (..., 3), in the picture's cm."""
        return np.asarray(self.origin + (points * [self.sign, 1.0, 1.0]) @ self.frame.T)


def grid_mesh(last: Last, grid: Array, part: Part, colour: Colour, *, keep: Array | None = None, code: int = 0) -> Mesh:
    """Triangulate an (S, A, 3) grid of the last. `keep` (S, A) cuts it; painters know the piece by `code`."""
    rows, columns = grid.shape[:2]
    points = last.place(grid)
    normals = unit(np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))) * last.sign
    a = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    triangles: NDArray[np.int64] = np.concatenate([
        np.stack([a, a + 1, a + columns], 1), np.stack([a + 1, a + columns + 1, a + columns], 1)
    ])  # fmt: skip
    flat = points.reshape(-1, 3)
    return Mesh(
        points=flat,
        normals=normals.reshape(-1, 3),
        local=grid.reshape(-1, 3),
        keep=np.ones(len(flat)) if keep is None else keep.reshape(-1),
        triangles=triangles.astype(np.int32),
        part=np.full(len(triangles), int(part), np.uint8),
        colour=np.broadcast_to(np.asarray(colour, np.float64), (len(triangles), 3)),
        folds=np.tile([float(code), 0.0, 99.0], (len(flat), 1)),
    )
