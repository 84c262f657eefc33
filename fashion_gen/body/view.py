"""From posed joints to a canvas: framing and the 18 keypoints."""

from __future__ import annotations

import numpy as np

from fashion_gen.body.kinematics import PosedBody
from fashion_gen.records import Framing, Points, View

#: OpenPose/COCO order of 18; R and L are the wearer's.
KEYPOINTS = (
    "nose",
    "neck",
    "r_shoulder",
    "r_elbow",
    "r_wrist",
    "l_shoulder",
    "l_elbow",
    "l_wrist",
    "r_hip",
    "r_knee",
    "r_ankle",
    "l_hip",
    "l_knee",
    "l_ankle",
    "r_eye",
    "l_eye",
    "r_ear",
    "l_ear",
)

HEAD_ROOM = 0.055  # of the canvas height
SIDE_ROOM = 0.04


def default_view(body: PosedBody, framing: Framing, width: int, height: int) -> View:
    """The View (pixels per cm and origin) that shows what the framing asks, with head room."""
    top, bottom = _extent(body, framing)
    room = HEAD_ROOM if framing is not Framing.LOWER else 0.0
    scale = height * (1 - room - (0.045 if framing in (Framing.FULL, Framing.LOWER) else 0.0)) / (top - bottom)
    xs = np.array([joint[0] for joint in body.joints.values()])
    left, right = xs.min() - 9.0, xs.max() + 9.0
    if framing in (Framing.FULL, Framing.LOWER):
        # Only where the whole body shows must the whole spread fit; closer framings crop the elbows, as photographers do.
        scale = min(scale, width * (1 - 2 * SIDE_ROOM) / (right - left))
    centre = (
        (left + right) / 2 if framing is Framing.FULL else float(body.joints["neck"][0] + body.joints["hips"][0]) / 2
    )
    y0 = height * room + top * scale
    if framing in (Framing.FULL, Framing.LOWER):
        y0 = height * (1 - 0.045) + bottom * scale
    return View(width, height, scale, width / 2 - centre * scale, y0)


def _extent(body: PosedBody, framing: Framing) -> tuple[float, float]:
    """(top, bottom) in cm; a tall hair volume is allowed for."""
    j = body.joints
    top = float(j["crown"][1]) + 4.0
    knees = (float(j["l_knee"][1]) + float(j["r_knee"][1])) / 2
    hips = float(j["hips"][1])
    return {
        Framing.FULL: (top, body.ground),
        Framing.COWBOY: (top, knees + 0.05 * body.figure.stature),
        Framing.UPPER: (top, hips - 0.055 * body.figure.stature),
        Framing.LOWER: (float(j["waist"][1]) + 0.10 * body.figure.stature, body.ground),
    }[framing]


def keypoints(body: PosedBody, view: View) -> Points:
    """(18, 3): x and y in [0, 1] of the canvas, visibility 1 inside the canvas and not turned away, else 0."""
    points = np.stack([body.joints[name] for name in KEYPOINTS])
    # OpenPose's neck is the midpoint of the shoulders, lower than the anatomical joint.
    points[1] = (body.joints["l_shoulder"] + body.joints["r_shoulder"]) / 2
    pixels = view.project(points)
    xy = pixels / [view.width, view.height]
    inside = ((xy >= 0) & (xy <= 1)).all(axis=1)
    facing = np.ones(len(KEYPOINTS), bool)
    ahead = body.frames["head"][:, 2]
    for side, sign in (("l", 1.0), ("r", -1.0)):
        # An ear is hidden once the head turns it past the cheek; an eye only in profile.
        turned = float(sign * ahead[0])
        facing[KEYPOINTS.index(f"{side}_ear")] = turned < 0.45
        facing[KEYPOINTS.index(f"{side}_eye")] = turned < 0.85
    return np.column_stack([xy, (inside & facing).astype(np.float64)])
