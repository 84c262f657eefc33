"""What each pixel can be, and the coarser labels that go with a rendering."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Layer(IntEnum):
    NOTHING = 0
    SKIN = 1
    EYES = 2
    BROWS = 3
    LASHES = 4
    HAIR = 5
    GARMENT = 6
    TOP = 7
    BOTTOM = 8
    SHOES = 9
    SOLES = 10
    VEIL = 11
    GLASSES = 12
    PROP = 13


class Label(IntEnum):
    """Values of `Rendering.labels`."""

    BACKGROUND = 0
    SKIN = 1
    HAIR = 2
    FACE = 3
    GARMENT = 4
    CLOTHES = 5
    SHOES = 6
    PROP = 7


_LABEL_OF = {
    Layer.NOTHING: Label.BACKGROUND,
    Layer.SKIN: Label.SKIN,
    Layer.EYES: Label.FACE,
    Layer.BROWS: Label.FACE,
    Layer.LASHES: Label.FACE,
    Layer.HAIR: Label.HAIR,
    Layer.GARMENT: Label.GARMENT,
    Layer.TOP: Label.CLOTHES,
    Layer.BOTTOM: Label.CLOTHES,
    Layer.SHOES: Label.SHOES,
    Layer.SOLES: Label.SHOES,
    Layer.VEIL: Label.HAIR,
    Layer.GLASSES: Label.FACE,
    Layer.PROP: Label.PROP,
}
LABEL_TABLE = np.array([_LABEL_OF[layer] for layer in Layer], np.uint8)
CLOTH = (Layer.GARMENT, Layer.TOP, Layer.BOTTOM)
