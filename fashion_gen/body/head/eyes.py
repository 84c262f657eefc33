"""Eyes: where the lids run on the mean head, and the paint of an eyeball."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.model import EYEBALL

Floats = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]

#: The left eye's opening on the mean head, cm from the eyeball's middle, outward: x, upper and lower lid.
EYE = (2.99, 0.04)
LID_X = np.array([-1.38, -1.06, -0.73, -0.37, 0.03, 0.39, 0.71, 0.97, 1.22, 1.32])
UPPER_LID = np.array([-0.33, -0.16, 0.04, 0.15, 0.19, 0.18, 0.12, 0.04, -0.08, -0.17])
LOWER_LID = np.array([-0.36, -0.46, -0.50, -0.53, -0.55, -0.55, -0.50, -0.42, -0.26, -0.17])


def paint_eyes(ball: Floats, local: Floats, iris_colour: Colour, years: float, dark: float) -> Floats:
    """Return (N, 3) colours of eyeballs: white, iris, pupil and two reflections, under the shade of the lids.

    Args:
        ball: (N, 3) in [0, 1], the bare white.
        local: (N, 3) canonical cm, moved by EYEBALL (model.py).
        iris_colour: of the iris.
        years: 0 to 1, how aged the eyes are.
        dark: 0 to 1, how dark the face around them is.
    """
    side = np.sign(local[:, 0])
    seen = local[:, 0] - side * EYEBALL
    x, y = seen * side, local[:, 1]
    upper, lower = np.interp(x, LID_X, UPPER_LID), np.interp(x, LID_X, LOWER_LID)
    shade = np.clip((upper - y + 0.05) / 0.42, 0, 1)
    white = _sclera(ball, x, shade, y - lower, years=years, dark=dark)
    away = np.hypot(x + 0.02, y + 0.13)
    iris = np.clip((0.63 - away) / 0.12 + 0.5, 0, 1)[:, None]
    rim = np.clip((away - 0.42) / 0.2, 0, 1)
    angle = np.arctan2(y + 0.13, seen)
    spokes = 1 + 0.16 * np.sin(angle * 17 + 2 * np.sin(angle * 5)) * np.clip(away / 0.4, 0, 1)
    glow = (1.12 - 0.75 * rim + 0.30 * np.clip(-(y + 0.13) / 0.5, 0, 1)) * (0.45 + 0.55 * shade) * spokes
    out = white * (1 - iris) + iris * np.asarray(iris_colour, np.float32) * glow[:, None]
    pupil = np.clip((0.25 - away) / 0.10 + 0.5, 0, 1)[:, None]
    out = out * (1 - pupil) + pupil * 0.02
    catch = np.clip((0.12 - np.hypot(seen + 0.20, y + 0.02)) / 0.08 + 0.5, 0, 1)
    second = 0.25 * np.clip((0.10 - np.hypot(seen - 0.22, y + 0.36)) / 0.08 + 0.5, 0, 1)
    shine = np.maximum((0.95 - 0.15 * dark) * catch, second)[:, None]
    return np.asarray(out * (1 - shine) + shine, np.float32)


def _sclera(ball: Floats, x: Floats, under_lid: Floats, over_lower: Floats, *, years: float, dark: float) -> Floats:
    """(N, 3) whites of eyes: never white, as lids and lashes shade them from all sides; least in a dark face.

    `under_lid` (N,) is 0 at the upper lid and 1 where its shade ends, `over_lower` (N,) cm over the lower one.
    """
    corner = np.clip((np.abs(x) - 0.35) / 0.85, 0, 1)
    lower = np.clip(over_lower / 0.22, 0, 1)
    shaded = (0.46 + 0.54 * under_lid) * (0.80 + 0.20 * lower) * (1 - 0.22 * corner**1.5)
    # Veins redden it toward the corners, years yellow it.
    tint = 1 - corner[:, None] * np.array((0.0, 0.13, 0.12)) - years * np.array((0.02, 0.04, 0.10))
    return np.asarray(ball * (0.90 - 0.22 * dark) * shaded[:, None] * tint)
