"""The labels of a part map."""

from __future__ import annotations

from enum import IntEnum


class Part(IntEnum):
    """What a pixel of the mannequin shows. L_ and R_ are the wearer's."""

    BACKGROUND = 0
    FACE = 1
    HAIR = 2
    NECK = 3
    TORSO = 4
    L_UPPER_ARM = 5
    L_LOWER_ARM = 6
    L_HAND = 7
    R_UPPER_ARM = 8
    R_LOWER_ARM = 9
    R_HAND = 10
    HIPS = 11
    L_THIGH = 12
    L_SHIN = 13
    L_FOOT = 14
    R_THIGH = 15
    R_SHIN = 16
    R_FOOT = 17
    TOP_CLOTH = 18
    BOTTOM_CLOTH = 19
    SHOES = 20
    PROP = 21


SKIN = frozenset(
    part
    for part in Part
    if part not in (Part.BACKGROUND, Part.HAIR, Part.TOP_CLOTH, Part.BOTTOM_CLOTH, Part.SHOES, Part.PROP)
)
