"""Light on a head: a soft key from the viewer's upper left, fill, sky with occlusion, gloss; and its exposure.

Values are the picture's own (sRGB in [0, 1]): light is reckoned linear and applied with a gamma, red less than blue, as light
that has travelled under the skin is red where the key fades out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.model import EYEBALL, chin_shade
from fashion_gen.body.neck import NECK_LOCAL

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
#: Share of a face's deviation in hue that is put right.
_HUE = 0.4
_GAMMA = np.array([0.56, 0.66, 0.70], np.float32)


def light_head(paint: Floats, normal: Floats, open_: Floats, local: Floats, light: SkinLight) -> Floats:
    """Return (N, 3) colours of everything on a head and neck: skin, eyeballs, and what stands off a face.

    `local` tells them apart (model.py); the rest as in `SkinLight.on`.
    """
    out = np.empty_like(paint)
    depth = local[:, 2]
    skin, worn = depth < EYEBALL / 2, depth > 1.5 * EYEBALL
    eyes = ~skin & ~worn
    out[skin] = light.on(paint[skin], normal[skin], open_[skin])
    wet = np.clip(_arriving(normal[eyes], np.ones(int(eyes.sum()), np.float32)) / _USUAL, 0, 1.1)
    out[eyes] = paint[eyes] * (0.62 + 0.38 * wet)[:, None]
    out[worn] = paint[worn]
    return out


@dataclass(frozen=True, eq=False)
class SkinLight:
    """How a face is exposed, so that its middle has the colour of its paint."""

    tone: Floats  #: (3,) the person's, in [0, 1]
    usual: float = _USUAL  #: linear light that arrives in the middle of the face
    gain: Floats | float = 1.0  #: (3,) what gloss moved the colour by, taken back

    def on(self, paint: Floats, normal: Floats, open_: Floats) -> Floats:
        """Return (N, 3) colours of `paint`, (N, 3) or (3,), under the light.

        `normal` (N, 3) unit, toward the viewer; `open_` (N,) share of the sky that the point sees.
        """
        return _rolled_off(self.raw(paint, normal, open_) * self.gain, self.tone)

    def raw(self, paint: Floats, normal: Floats, open_: Floats) -> Floats:
        """The same before its colour is corrected and its highlights are held."""
        tint = np.array([1.0, 0.97, 0.94], np.float32)
        relative = np.maximum(_arriving(normal, open_) / self.usual, 0.02)[:, None]
        dark = 1 - np.atleast_2d(paint).mean(axis=1)
        return np.asarray(paint * relative**_GAMMA + gloss(normal, open_, dark)[:, None] * tint)


def skin_light(paint: Floats, normal: Floats, open_: Floats, local: Floats, tone: Floats) -> SkinLight:
    """How a head of `tone` (3,) is exposed; `local` (N, 3) canonical cm (model.py), the rest as in `SkinLight.on`."""
    x, y, z = np.abs(local[:, 0]), local[:, 1], local[:, 2]
    middle = (x < 4.6) & (y < -1.0) & (y > -5.8) & (z > 4.0) & (z < EYEBALL / 2)
    if middle.sum() < _ENOUGH:
        return SkinLight(tone)
    arriving = _arriving(normal[middle], open_[middle])
    usual = float(np.clip(np.median(arriving), 0.72 * _USUAL, 1.15 * _USUAL))
    # Gloss and blush moved the colour a little: the middle of the face is taken for a person's tone. Its lightness is put right;
    # its hue only in part, or taking blush back would make the rest of the face green.
    lit = SkinLight(tone, usual).raw(paint[middle], normal[middle], open_[middle])
    goal = tone / np.maximum(np.quantile(lit, _TELLING, axis=0), 1e-3)
    return SkinLight(tone, usual, np.clip(goal.mean() + _HUE * (goal - goal.mean()), 0.85, 1.15))


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
    out = sharp * (0.035 + 0.27 * dark**2) + broad * 0.10 * dark**2 + edge**3 * 0.10 * dark
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
