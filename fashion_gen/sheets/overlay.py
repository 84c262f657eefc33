"""What is drawn onto photos: the cut-out's edge, areas, landmarks. Every function returns a new (H, W, 3) picture.

Each mark has a light and a dark side, so that it shows on garments of any colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw
from skimage.measure import find_contours

from fashion_gen.records import Garment, Landmark, Mask, Matte, Picture
from fashion_gen.sheets.blocks import Colour
from fashion_gen.typeface import face

Box = tuple[float, float, float, float]  #: x0, y0, x1, y1 in pixels

DOT, RING, DARK, EDGE = (0, 122, 204), (255, 255, 255), (20, 20, 24), (226, 0, 122)
CHECKER = (242, 224)
NAME_SIZE = 15  #: pixels
WASH = 0.4  #: share of the colour in a tinted area
SHORTEST = 8  #: points; shorter lines are specks
BITS = 4  #: of a pixel's fraction, as OpenCV takes points
FINE = 1 << BITS
SURE = 0.5  #: landmarks below this confidence are drawn hollow


def cutout(worn: Garment) -> Picture:
    """The garment on the checkerboard that stands for transparency, (H, W, 3)."""
    height, width = worn.matte.shape
    step = max(8, max(height, width) // 36)
    odd = (np.add.outer(np.arange(height) // step, np.arange(width) // step) % 2).astype(bool)
    ground = np.where(odd, *CHECKER).astype(np.float32)[..., None]
    matte = worn.matte[..., None]
    return np.clip(worn.colour * matte + ground * (1 - matte) + 0.5, 0, 255).astype(np.uint8)


def with_dots(picture: Picture, landmarks: Mapping[str, Landmark]) -> Picture:
    """Landmarks as dots; those that are not `SURE` are hollow."""
    marked = picture.copy()
    height, width = picture.shape[:2]
    for point in landmarks.values():
        filled = point.confidence >= SURE
        at = (round(point.x * width * FINE), round(point.y * height * FINE))
        cv2.circle(marked, at, 5 * FINE + 8, RING, -1 if filled else 5, cv2.LINE_AA, BITS)
        cv2.circle(marked, at, 4 * FINE if filled else 5 * FINE + 8, DOT, -1 if filled else 2, cv2.LINE_AA, BITS)
    return marked


def with_edge(picture: Picture, matte: Matte) -> Picture:
    """The line where the (H, W) matte is one half; the matte has the picture's size."""
    # A border of nothing closes the line where the garment runs out of the picture.
    lines = find_contours(np.pad(matte, 1), 0.5)
    paths = [np.rint((line[:, ::-1] - 1) * FINE).astype(np.int32) for line in lines if len(line) > SHORTEST]
    marked = picture.copy()
    for colour, thickness in ((RING, 4), (EDGE, 2)):
        cv2.polylines(marked, paths, False, colour, thickness, cv2.LINE_AA, BITS)
    return marked


def with_tint(picture: Picture, mask: Mask, colour: Colour) -> Picture:
    """The area washed with a colour."""
    marked = picture.copy()
    marked[mask] = np.rint(picture[mask] * (1 - WASH) + np.array(colour) * WASH).astype(np.uint8)
    return marked


def with_hatching(picture: Picture, mask: Mask, colour: Colour) -> Picture:
    """The area under slanting lines of a colour, each with a dark side."""
    height, width = picture.shape[:2]
    slant = np.add.outer(np.arange(height), np.arange(width)) % 12
    marked = with_tint(picture, mask, colour)
    marked[mask & (slant < 2)] = colour
    marked[mask & (slant == 2)] = DARK
    return marked


def with_names(picture: Picture, landmarks: Mapping[str, Landmark]) -> Picture:
    """The landmarks' names beside their dots, where they hide each other and the dots least."""
    height, width = picture.shape[:2]
    image = Image.fromarray(picture)
    pen, font = ImageDraw.Draw(image), face(NAME_SIZE, "Semibold")
    dots = [(point.x * width, point.y * height) for point in landmarks.values()]
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in dots]
    for (name, _), (x, y) in zip(landmarks.items(), dots, strict=True):
        words = name.replace("_", " ")
        size = font.getlength(words) + 4, NAME_SIZE + 1
        box = min(_places(x, y, size, name), key=lambda place: _hidden(place, taken, (width, height)))
        taken.append(box)
        middle = (box[1] + box[3]) / 2
        pen.text((box[0] + 2, middle), words, RING, font=font, anchor="lm", stroke_width=2, stroke_fill=DARK)
    return np.asarray(image)


def _places(x: float, y: float, size: tuple[float, float], name: str) -> list[Box]:
    """Boxes beside a dot, the best first: names of the left go to the left, away from the garment."""
    w, h = size
    left, right, centred = x - 10 - w, x + 10, x - w / 2
    sides = [left, right] if name.startswith("left") else [right, left]
    corners = [(side, y - h / 2 + shift) for shift in (0, -h, h, -2 * h, 2 * h) for side in sides]
    corners += [(centred, y - 10 - h), (centred, y + 10)]
    return [(x0, y0, x0 + w, y0 + h) for x0, y0 in corners]


def _hidden(box: Box, taken: Sequence[Box], size: tuple[int, int]) -> float:
    """How much of a box lies on others or outside the picture, which is worse."""
    x0, y0, x1, y1 = box
    outside = (x1 - x0) * (y1 - y0) - _common(box, (0, 0, *size))
    return 4 * outside + sum(_common(box, other) for other in taken)


def _common(a: Box, b: Box) -> float:
    """Pixels that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
