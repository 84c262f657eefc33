"""Face marks: eyes, brows, nose, lips and glasses, painted in head coordinates; abstract, no likeness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.figure import Figure

Array = NDArray[np.float64]

EYE_LEVEL = 0.02  # of the head's half height over its middle
BROW_LEVEL, NOSE_LEVEL, MOUTH_LEVEL = 0.20, -0.30, -0.53


def paint_face(
    colours: Array,
    local: Array,
    facing: NDArray[np.bool_],
    figure: Figure,
    brow: tuple[float, float, float],
    *,
    glasses: bool,
) -> Array:
    """Return (N, 3) colours with marks. `local` (N, 3) cm in the head's rest frame, `facing` (N,) bool front side."""
    half_width, half_height, _ = figure.head
    x, y = local[:, 0] / half_width, local[:, 1] / half_height
    ax = np.abs(x)
    out = colours.copy()

    def blend(amount: Array, colour: Array | tuple[float, float, float]) -> None:
        share = (np.clip(amount, 0, 1) * facing)[:, None]
        out[:] = out * (1 - share) + np.asarray(colour) * share

    def ellipse(cx: float, cy: float, rx: float, ry: float, *, soft: float = 0.25) -> Array:
        distance = np.sqrt(((ax - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        return np.asarray(np.clip((1 - distance) / soft + 0.5, 0, 1))

    tone = colours
    # Sockets and the side of the nose a shade darker, lips and cheeks a shade warmer than the skin itself.
    blend(0.35 * ellipse(0.42, EYE_LEVEL + 0.03, 0.27, 0.12, soft=0.9), tone * 0.72)
    blend(0.30 * ellipse(0.55, -0.25, 0.25, 0.16, soft=0.9), tone * [1.0, 0.86, 0.84])
    lips = tone * ([0.86, 0.60, 0.60] if figure.femininity > 0.6 else [0.88, 0.70, 0.68])
    blend(0.9 * ellipse(0.0, MOUTH_LEVEL, 0.33, 0.062, soft=0.5), lips)
    blend(0.6 * ellipse(0.0, MOUTH_LEVEL, 0.31, 0.012, soft=0.8), tone * 0.45)
    blend(0.45 * ellipse(0.0, NOSE_LEVEL - 0.04, 0.19, 0.05, soft=0.9), tone * 0.68)
    blend(0.35 * ellipse(0.0, -0.12, 0.07, 0.20, soft=0.9), np.clip(tone * 1.12, 0, 1))
    # Eyes: white, iris, upper lid.
    blend(ellipse(0.42, EYE_LEVEL, 0.165, 0.062, soft=0.35), (0.93, 0.92, 0.90))
    blend(ellipse(0.42, EYE_LEVEL, 0.070, 0.062, soft=0.35), (0.16, 0.10, 0.07))
    blend(0.9 * ellipse(0.42, EYE_LEVEL + 0.062, 0.19, 0.024, soft=0.5), (0.10, 0.07, 0.06))
    thick = 0.030 if figure.femininity > 0.6 else 0.042
    arch = BROW_LEVEL - 0.25 * (ax - 0.42) ** 2
    brow_line = np.clip((1 - np.abs(y - arch) / thick) * 1.5, 0, 1) * (np.abs(ax - 0.43) < 0.24)
    blend(0.85 * brow_line, brow)
    if glasses:
        ring = np.abs(np.sqrt(((ax - 0.43) / 0.30) ** 2 + ((y - EYE_LEVEL) / 0.17) ** 2) - 1)
        bridge = (ax < 0.14) & (np.abs(y - EYE_LEVEL - 0.04) < 0.02)
        blend(np.maximum(np.clip(1.4 - ring / 0.10, 0, 1), bridge), (0.08, 0.08, 0.09))
    return out
