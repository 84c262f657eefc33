"""Light on a head: a soft key from the viewer's upper left, fill, sky with occlusion, gloss; and its exposure.

Values are the picture's own (sRGB in [0, 1]): light is reckoned linear and applied with a gamma, red less than blue, as light
that has travelled under the skin is red where the key fades out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.model import EYEBALL, chin_shade
from fashion_gen.body.solids import NECK_LOCAL

Floats = NDArray[np.floating[Any]]

KEY = np.array([-0.48, 0.52, 0.71], np.float32) / np.float32(np.linalg.norm([-0.48, 0.52, 0.71]))
_FILL = np.array([0.78, 0.05, 0.62], np.float32) / np.float32(np.linalg.norm([0.78, 0.05, 0.62]))
_HALF = (KEY + [0, 0, 1]) / np.float32(np.linalg.norm(KEY + [0, 0, 1]))
#: What arrives in the middle of a face that looks at the viewer; a small or turned face is exposed for it.
_USUAL = 0.86
#: Fewer pixels than this of a face's middle tell nothing.
_ENOUGH = 24
#: The middle of what is left without the darkest fifth and the lightest tenth, as a tone is measured (casting/tones.py).
_TELLING = 0.55
_GAMMA = np.array([0.56, 0.66, 0.70], np.float32)


def light_head(paint: Floats, normal: Floats, open_: Floats, local: Floats) -> Floats:
    """Return (N, 3) colours of everything on a head and neck: skin, eyeballs, and what stands off a face.

    `local` tells them apart (model.py); the rest as in `light_skin`.
    """
    out = np.empty_like(paint)
    depth = local[:, 2]
    skin, worn = depth < EYEBALL / 2, depth > 1.5 * EYEBALL
    eyes = ~skin & ~worn
    out[skin] = light_skin(paint[skin], normal[skin], open_[skin], local[skin])
    wet = np.clip(_arriving(normal[eyes], np.ones(int(eyes.sum()), np.float32)) / _USUAL, 0, 1.1)
    out[eyes] = paint[eyes] * (0.62 + 0.38 * wet)[:, None]
    out[worn] = paint[worn]
    return out


def light_skin(paint: Floats, normal: Floats, open_: Floats, local: Floats) -> Floats:
    """Return (N, 3) colours of `paint` (N, 3) under the light.

    Args:
        normal: (N, 3) unit, toward the viewer.
        open_: (N,) share of the sky that the point sees.
        local: (N, 3) canonical cm of the head (model.py); the middle of the face gets the colour of its paint.
    """
    arriving = _arriving(normal, open_)
    dark = 1 - paint.mean(axis=1)
    tint = np.array([1.0, 0.97, 0.94], np.float32)

    def lit(usual: float) -> Floats:
        relative = np.maximum(arriving / usual, 0.02)[:, None]
        return np.asarray(paint * relative**_GAMMA + gloss(normal, open_, dark)[:, None] * tint)

    tone = np.median(paint, axis=0)
    x, y, z = np.abs(local[:, 0]), local[:, 1], local[:, 2]
    middle = (x < 4.6) & (y < -1.0) & (y > -5.8) & (z > 4.0)
    if middle.sum() < _ENOUGH:
        return _rolled_off(lit(_USUAL), tone)
    usual = float(np.clip(np.median(arriving[middle]), 0.72 * _USUAL, 1.15 * _USUAL))
    out = lit(usual)
    # Gloss and blush moved the colour a little: the middle of the face is taken for a person's tone.
    goal = tone / np.maximum(np.quantile(out[middle], _TELLING, axis=0), 1e-3)
    return _rolled_off(out * np.clip(goal, 0.85, 1.15), tone)


def _arriving(normal: Floats, open_: Floats) -> Floats:
    """(N,) linear light."""
    key = np.clip((normal @ KEY + 0.22) / 1.22, 0, 1)
    fill = np.clip((normal @ _FILL + 0.4) / 1.4, 0, 1)
    sky = 0.78 + 0.22 * normal[:, 1]
    edge = 1 - np.clip(normal[:, 2], 0, 1)
    # A cavity is closed to the key too: its own shadow, softly.
    lit = 0.34 * sky * open_ + 0.58 * key * (0.30 + 0.70 * open_) + 0.17 * fill * (0.4 + 0.6 * open_)
    return np.asarray(lit * (1 - 0.30 * edge**1.5))


def gloss(normal: Floats, open_: Floats, dark: Floats) -> Floats:
    """(N,) reflections on skin: dark skin shows its form by them, light skin by shadow."""
    toward = np.clip(normal @ _HALF, 0, 1)
    edge = 1 - np.clip(normal[:, 2], 0, 1)
    sharp, broad = toward**34, toward**7
    out = sharp * (0.035 + 0.19 * dark**2) + broad * 0.10 * dark**2 + edge**3 * 0.10 * dark
    return np.asarray(out * np.clip(1.5 * open_ - 0.4, 0.05, 1))


def _rolled_off(colours: Floats, tone: Floats) -> Floats:
    """Highlights bend off below white instead of burning out, from the person's `tone` (3,) on."""
    shoulder = np.clip(tone, 0.86, 0.985).astype(np.float32)
    over = np.maximum(colours - shoulder, 0)
    return np.asarray(np.minimum(colours, shoulder) + (1 - shoulder) * (1 - np.exp(-over / (1 - shoulder))))


def above_collar(local: Floats) -> Floats:
    """(N,) 1 on a head and the upper neck, 0 where the neck comes out of the trunk, whose light is another.

    The neck below the jaw is a loft with its own local y, 0 to 8 cm (solids.py).
    """
    loft = _on_loft(local)
    return np.asarray(
        np.where(loft, np.clip((local[:, 1] - 4.6) / 3.0, 0, 1), np.clip((local[:, 1] + 14.5) / 4.0, 0, 1))
    )


def under_chin(local: Floats) -> Floats:
    """(N,) how open the neck's loft is under the chin; 1 elsewhere: heads bring their own shade."""
    _, high, ahead = local.astype(np.float64).T
    return np.asarray(np.where(_on_loft(local), chin_shade(high / 8.0, ahead - NECK_LOCAL), 1))


def _on_loft(local: Floats) -> NDArray[np.bool_]:
    return np.asarray(local[:, 2] < NECK_LOCAL / 2)
