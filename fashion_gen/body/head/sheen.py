"""Light on hair: single strands within each lock, a frayed ring of reflections, shade between the roots; folds on a hijab."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_gen.body.head.hair import STYLES
from fashion_gen.body.head.rooting import rooting, stubble
from fashion_gen.body.head.scalp import BEFORE
from fashion_gen.body.head.skin import KEY, SkinLight
from fashion_gen.body.head.strands import LOCK

Floats = NDArray[np.floating[Any]]
#: From here on lights on hair are held back.
_SHOULDER = 0.70
#: How much the single hairs before a hairline show, by family of styles, and otherwise 0.55.
_SINGLE = {"buzz": 0.35}
#: Families whose curls hang over their hairline: their cap is full from there on.
_CURLED = ("curls", "afro")


def light_hair(paint: Floats, normal: Floats, open_: Floats, local: Floats, style: str, skin: SkinLight) -> Floats:
    """Return (N, 3) colours of `paint` (N, 3) under the key light of skin.py, with `skin` where it shows between hairs.

    `local` (N, 3) as ribbons have it (strands.py); `normal` (N, 3) unit, `open_` (N,) the share of sky that is seen.
    """
    key = np.clip((normal @ KEY + 0.35) / 1.35, 0, 1)
    sky = (0.75 + 0.25 * normal[:, 1]) * open_
    arriving = 0.42 * sky + 0.62 * key * (0.35 + 0.65 * open_)
    if style == "hijab":
        return np.asarray(paint * ((arriving / 0.80) ** 0.75)[:, None] * (1 + 0.02 * _weave(local))[:, None])
    lit = _held(_locks(paint, normal, open_, arriving, local))
    on = local[:, 2] < -0.01
    parted = STYLES[style].part is not None
    under = skin.on(np.asarray(skin.tone, np.float32), normal[on], np.ones_like(open_[on]))
    lit[on] = _cap(paint[on], arriving[on], local[on], under, family=STYLES[style].family, parted=parted)
    return lit


def _cap(paint: Floats, arriving: Floats, local: Floats, skin: Floats, *, family: str, parted: bool) -> Floats:
    """Short hair on a scalp: single hairs, with `skin` (N, 3) between them toward the hairline and in a buzz cut."""
    buzzed = family == "buzz"
    share, x, y = -local[:, 2] - BEFORE, local[:, 0], local[:, 1]
    streak = 0.5 * np.sin(x * 15 + 2.6 * np.sin(x * 4 + 0.5 * y) + 0.5 * y) + np.sin(
        x * 31 + 3 * np.sin(x * 7 + 0.3 * y)
    )
    pixel = _pixel(local)
    edge = np.ones_like(share)
    thin = share < 1
    root = y - x if parted else x - 0.6 * y * np.clip((np.abs(x) - 3) / 4, 0, 1) * np.sign(x)
    if family in _CURLED:
        edge[thin] = np.clip((share[thin] + 0.10) / 0.25, 0, 1)
    else:
        edge[thin] = rooting(root[thin], share[thin], pixel=pixel, single=_SINGLE.get(family, 0.55))
    # A buzz cut is shorter, and shows more skin, toward the ears.
    fade = np.clip(0.42 + 0.06 * y, 0.42, 0.78)
    dense = edge * (fade + 0.16 * stubble(x, y, pixel) if buzzed else 1.0)
    if parted:
        dense = dense * (1 - _parting(x, y))
    hair = paint * ((1 + (0.0 if buzzed else 0.07) * streak) * (arriving / 0.80) ** 0.6)[:, None]
    return np.asarray(hair * dense[:, None] + skin * (1 - dense)[:, None])


def _pixel(local: Floats) -> float:
    """About how many cm of (N, 3) `local` a pixel spans: N pixels in reading order are mostly neighbours."""
    return float(np.median(np.abs(np.diff(local[:, :2], axis=0)).max(axis=1))) if len(local) > 1 else 1.0


def _parting(along: Floats, away: Floats) -> Floats:
    """(N,) how much of the scalp shows along a parting, up to the crown."""
    wander = 0.05 * np.sin(along * 2.1) + 0.03 * np.sin(along * 5.3)
    return np.asarray(0.7 * np.clip((0.22 + wander - away) / 0.14, 0, 1) * np.clip((along + 2.5) / 2, 0, 1))


def _locks(paint: Floats, normal: Floats, open_: Floats, arriving: Floats, local: Floats) -> Floats:
    number = np.floor(local[:, 0] / LOCK + 0.5)
    across = local[:, 0] - number * LOCK
    along = local[:, 1]
    drift = 0.5 * np.sin(0.45 * along + number)
    step = _step(number, across)
    fine = 0.50 * _kept(6 * step) * np.sin(across * 6 + 1.7 * number + drift)
    fine += 0.35 * _kept(13 * step) * np.sin(across * 13 + 3.1 * number - 2 * drift)
    fine += 0.25 * _kept(23 * step) * np.sin(across * 23 + 0.8 * along + number) * np.sin(0.9 * along + 2.3 * number)
    rim = 1 - 0.16 * np.clip(np.abs(across), 0, 1) ** 3
    factor = (arriving / 0.70) ** 0.95 * (1 + 0.17 * fine) * rim
    lit = paint * factor[:, None]
    mirrored = local[:, 2] * np.clip(normal @ KEY * 1.4, 0, 1) * open_**1.5 * (0.55 + 0.45 * fine)
    return np.asarray(lit + mirrored[:, None] * (0.10 * (1.1 - paint) + 0.34 * paint * (1.15 - paint)))


def _step(number: Floats, across: Floats) -> Floats:
    """(N,) how far `across` goes in a pixel: to the one before or after in reading order, where that is of the same lock."""
    same = number[1:] == number[:-1]
    way = np.where(same, np.abs(np.diff(across)), 0)
    return np.asarray(np.maximum(np.concatenate([way, [0]]), np.concatenate([[0], way])))


def _kept(turn: Floats | float) -> Floats:
    """How much of a wave stays that goes on by `turn` radians in a pixel: one too fine for the pixels makes dots of them."""
    return np.asarray(np.exp(-0.13 * np.square(turn)))


def _held(colours: Floats) -> Floats:
    """Bend lights off below white: white hair keeps its strands in the light too."""
    over = np.maximum(colours - _SHOULDER, 0)
    return np.asarray(np.minimum(colours, _SHOULDER) + (1 - _SHOULDER) * (1 - np.exp(-over / 0.45)))


def _weave(local: Floats) -> Floats:
    return np.asarray(np.sin(local[:, 0] * 240) * np.sin(local[:, 1] * 300))
