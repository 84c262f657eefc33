"""Size as the picture shows it: how wide the figure is at waist and hips, against the body that was asked for.

A line (waist, hips) is measured from the figure's axis to its outline, on the sides where no arm lies before the outline, and
divided by the distance of the shoulder joints. It is compared with the same ratio of the asked body. Cloth stands off the
body, so shown widths are larger; a garment's ease is its cut, not an error of size. What counts is that a broader body is shown
broader by as much: the table takes out the ease (the median of shown over asked, of each garment, and of companion
clothes) and reports it, the error that remains and the rank correlation. Body and companion clothes are drawn, so they must follow
the body exactly; a garment's pixels are the seller's own, so its waist is its cut, scaled, and at most a quarter wider
(`pose/place/grade.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from fashion_gen.body import Part, PosedBody, build_figure, pose_body
from fashion_gen.records import Mask, Matte, Staging, View

LINES = ("waist", "hip")
_ARMS = [Part[f"{side}_{name}"] for side in "LR" for name in ("UPPER_ARM", "LOWER_ARM", "HAND")]
_SLEEVE = 3.0  # cm that a sleeve adds to half of an arm's thickness
_ARM = 4.0  # cm, half of an arm's thickness
_CLEAR = 1.5  # cm between an arm and the outline where the outline counts


@dataclass(frozen=True)
class Line:
    """One measured line."""

    name: str
    cover: str  #: "garment", "companion" or "skin"
    asked: float  #: width of the body over the distance of its shoulder joints
    shown: float  #: width of the figure over the same distance


def lines(staging: Staging, parts: NDArray[np.uint8], matte: Matte, person: Mask | None = None) -> list[Line]:
    """Measure a look.

    Args:
        parts: (H, W) part map of the mannequin at `staging.view`'s size.
        matte: (H, W) the garment as placed.
        person: (H, W) where the finished picture shows a person; None takes the part map.
    """
    view = staging.view
    body = pose_body(build_figure(staging.persona.measurements, staging.persona.presentation), staging.pose)
    arms = np.isin(parts, _ARMS)
    figure = (parts > 0) & (parts != Part.PROP) if person is None else person
    solid = (figure & ~arms) | (matte > 0.5)
    shoulders = float(np.linalg.norm(body.joints["l_shoulder"] - body.joints["r_shoulder"])) * view.scale
    found = []
    for name in LINES:
        section = body.section(name)
        x, y = view.project(np.array([section.centre]))[0]
        row = round(float(y))
        if not 2 <= row < view.height - 2 or not 0 <= x < view.width:
            continue
        halves = [
            sign * half
            for side, sign in (("l", 1), ("r", -1))
            if (half := _half(solid, row, round(float(x)), sign)) is not None
            and _clear(body, side, view, row, float(x), half)
        ]
        turn = body.frames["hips"][:, 2]
        asked = 2 * float(np.hypot(section.half_width * turn[2], section.half_depth * turn[0])) * view.scale
        if halves:
            # What is near the outline made it: on the axis there may be the gap between two legs.
            cover = _cover(matte, parts, row, round(float(x) + 0.7 * halves[0]))
            found.append(Line(name, cover, asked / shoulders, 2 * float(np.mean(np.abs(halves))) / shoulders))
    return found


def _half(solid: Mask, row: int, x: int, sign: int) -> float | None:
    """Pixels from the axis to the end of the figure's run on one side; None where it leaves the picture."""
    band = solid[row - 1 : row + 2].sum(axis=0) >= 2
    # A seam between garment and figure a pixel wide is no outline.
    band = cv2.morphologyEx(band[None].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))[0] > 0
    ray = band[x:] if sign > 0 else band[x::-1]
    if not ray[0] or ray.all():
        return None
    return float(np.argmin(ray))


def _clear(body: PosedBody, side: str, view: View, row: int, x: float, half: float) -> bool:
    """Whether the arm of this side is away from the outline at this row."""
    thick = body.figure.girths["elbow"][0] + _SLEEVE
    chain = view.project(np.stack([body.joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist", "hand")]))
    fine = np.concatenate([a + np.linspace(0, 1, 40)[:, None] * (b - a) for a, b in pairwise(chain)])
    # A forearm across the belly lies before the outline although its axis passes above the row: arms are as thick as they are.
    near = fine[np.abs(fine[:, 1] - row) < thick * view.scale]
    if not len(near):
        return True
    reach = np.abs(near[:, 0] - x).min()
    return bool(reach - half > (_ARM + _CLEAR) * view.scale)


def _cover(matte: Matte, parts: NDArray[np.uint8], row: int, x: int) -> str:
    if matte[row, x] > 0.5:
        return "garment"
    return "companion" if parts[row, x] in (Part.TOP_CLOTH, Part.BOTTOM_CLOTH) else "skin"
